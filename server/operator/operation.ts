// What an operation of the operator is, and the caller that may use it.
import type { BackupMade } from '../backup/create.ts'
import type { Call } from '../contract/call.ts'
import { type Caller, INTERNAL_ACCOUNT } from '../contract/caller.ts'
import { type Demand, identityDemand } from '../contract/demand.ts'
import type { Awaitable, ChangingOperation, ReadingOperation } from '../contract/operation.ts'
import { NO_POLICIES } from '../policy/authorization-request.ts'
import { contextOf } from '../policy/context.ts'
import type { UnsealProgress } from '../seal/unsealing.ts'
import type { AccountDirectory } from '../services/iam/account-directory.ts'
import type { Key } from '../services/kms/keys/key.ts'
import type { KeyPolicy } from '../services/kms/keys/key-policy.ts'
import type { DomainKeyStore } from '../services/kms/material/domain-key-store.ts'
import type { Transaction } from '../storage/storage.ts'
import type { AccessQuestions } from './access-questions.ts'
import type { OpenedSeal } from './opened-seal.ts'
import type { RootKeyRotation } from './root-key-rotation.ts'
import type { NewSeal, SealChoice } from './seal-control.ts'

/** What operator operations reach through `call.stores`. */
export type OperatorStores = {
  /** The clock guard of the jobs. */
  readonly clock: { confirm(tx: Transaction): Promise<void> }
  readonly accounts: AccountDirectory
  readonly access: AccessQuestions
  /** Keys of every account, by ARN. */
  readonly keys: {
    find(arn: string): Awaitable<Key | undefined>
    change(tx: Transaction, key: Key, policy: KeyPolicy): Promise<void>
  }
  readonly backups: { create(file: string): Promise<BackupMade> }
  readonly domainKeys: DomainKeyStore
  readonly seal: SealStore
  /** The seal opened once more, for the next root key. */
  readonly opened: OpenedSeal
  readonly rotation: RootKeyRotation
  /** The root key that counts, and how many there have been. */
  rootKey(): Promise<{ readonly id: string; readonly generation: number }>
  /** The public key (DER) that verifies the trail. */
  trailKey(): Promise<Buffer | undefined>
}

/** The seal of this installation. */
export type SealStore = {
  progress(): UnsealProgress
  make(choice: SealChoice): Promise<NewSeal>
  /** Keeps a seal of shares until somebody confirms that these are kept; the last one made. */
  hold(seal: NewSeal): void
  /** The seal that waits for this set of shares to be confirmed. */
  findHeld(set: string): NewSeal | undefined
  /** Puts the seal in place of the one there is. */
  put(seal: NewSeal): Promise<void>
}

export type OperatorReading<Input, Output> = ReadingOperation<
  Input,
  Output,
  'installation',
  OperatorStores
>
export type OperatorChange<Input, Output, Prepared> = ChangingOperation<
  Input,
  Output,
  'installation',
  OperatorStores,
  Prepared
>

/** No account has this number: what the operator does belongs to the installation as a whole. */
export const OPERATOR_ACCOUNT = INTERNAL_ACCOUNT

/** The name in audit records. */
export const OPERATOR_EVENT_SOURCE = 'operator.keyhold'

/** Whoever may open the operator socket, which its file mode decides. */
export const operatorCaller: Caller = {
  type: 'Operator',
  account: OPERATOR_ACCOUNT,
  arn: `arn:aws:iam::${OPERATOR_ACCOUNT}:operator`,
  principalId: 'operator',
  accessKeyId: '',
  userName: undefined,
  session: undefined,
  // To policies the operator is nobody.
  principal: { kind: 'anonymous' },
  policies: NO_POLICIES,
  context: contextOf([]),
}

/** What all operations of the operator have in common. */
export const onInstallation = {
  target: () => 'installation' as const,
  usage: () => [],
  resources: () => [],
}

/** The permission that the operation `name` needs; only an operator has it. */
export function operatorDemand(name: string, call: Call): readonly Demand[] {
  return [identityDemand(`keyhold:${name}`, '*', call.account)]
}
