// What an operator does to a running server, through the operator socket: operations like all others,
// with a record each, for a caller that no network reaches.
import { createBackup } from '../backup/create.ts'
import { AwsError } from '../contract/errors.ts'
import type { Service } from '../contract/service.ts'
import { getRootKeyGeneration } from '../installation-store.ts'
import { clockGuard } from '../pipeline/jobs/clock-store.ts'
import { machineClock } from '../pipeline/jobs/machine-clock.ts'
import { findTrailKey } from '../services/cloudtrail/service.ts'
import { accountDirectory } from '../services/iam/account-directory.ts'
import { openDomainKeyStore } from '../services/kms/material/domain-key-store.ts'
import type { KmsStores } from '../services/kms/operation.ts'
import { kms } from '../services/kms/service.ts'
import { accessQuestions } from './access-questions.ts'
import type { OpenedSeal } from './opened-seal.ts'
import { OPERATOR_EVENT_SOURCE, type OperatorStores, type SealStore } from './operation.ts'
import { ConfirmClock } from './operations/ConfirmClock.ts'
import { ConfirmSeal } from './operations/ConfirmSeal.ts'
import { CreateAccount } from './operations/CreateAccount.ts'
import { CreateBackup } from './operations/CreateBackup.ts'
import { ExplainAccess } from './operations/ExplainAccess.ts'
import { GetSealStatus } from './operations/GetSealStatus.ts'
import { GetTrailKey } from './operations/GetTrailKey.ts'
import { ListAccounts } from './operations/ListAccounts.ts'
import { MigrateSeal } from './operations/MigrateSeal.ts'
import { OpenSeal } from './operations/OpenSeal.ts'
import { RecoverKeyPolicy } from './operations/RecoverKeyPolicy.ts'
import { ReportAccess } from './operations/ReportAccess.ts'
import { RotateCredentials } from './operations/RotateCredentials.ts'
import { RotateDomainKeys } from './operations/RotateDomainKeys.ts'
import { RotateRootKey } from './operations/RotateRootKey.ts'
import { Unseal } from './operations/Unseal.ts'
import type { RootKeyRotation } from './root-key-rotation.ts'

const KEY_ARN = /^arn:aws:kms:([a-z0-9-]{1,32}):([0-9]{12}):key\/([^/]+)$/

/** The answer to a bug, or to a store or trail that does not answer. */
class InternalFailure extends AwsError {
  override readonly status: number = 500
  constructor() {
    super('Something failed inside the server: its log says what, under this request id.')
  }
}

/** What the operator's service stands on beside what every service does. */
export type OperatorParts = {
  /** The directory of the installation. */
  readonly directory: string
  readonly seal: SealStore
  readonly opened: OpenedSeal
  /** Asked for once the server is unsealed. */
  rotation(): RootKeyRotation
}

export function operatorService(parts: OperatorParts): Service {
  const { directory, seal, opened } = parts
  return {
    name: 'keyhold',
    eventSource: OPERATOR_EVENT_SOURCE,
    wire: { kind: 'aws-json', version: '1.1', targetPrefix: 'KeyholdOperator' },
    globalRegion: undefined,
    maxBodyBytes: 64 * 1024,
    internalFailure: InternalFailure,
    operations: {
      ConfirmClock,
      ConfirmSeal,
      CreateAccount,
      CreateBackup,
      ExplainAccess,
      GetSealStatus,
      GetTrailKey,
      ListAccounts,
      MigrateSeal,
      RecoverKeyPolicy,
      OpenSeal,
      ReportAccess,
      RotateCredentials,
      RotateDomainKeys,
      RotateRootKey,
      Unseal,
    },
    innerOperations: [],
    migrations: [],
    protectedTables: [],
    async open(foundation) {
      const { storage, rootKey, regions, identities } = foundation
      const accounts = accountDirectory(storage, rootKey)
      const openKms = await kms.open(foundation)
      const stores: OperatorStores = {
        access: accessQuestions({
          identities,
          kmsStores: (scope) => openKms(scope) as KmsStores,
          listAccounts: async () => (await accounts.list()).map(({ account }) => account),
          region: regions[0] as string,
        }),
        accounts,
        keys: {
          find(arn) {
            const [, region, account, id] = KEY_ARN.exec(arn) ?? []
            if (region === undefined || account === undefined || id === undefined) return undefined
            return (openKms({ region, account }) as KmsStores).keys.find(id)
          },
          change: (tx, key, policy) => (openKms(key) as KmsStores).keys.change(tx, key, policy),
        },
        backups: { create: (file) => createBackup({ storage, rootKey, directory }, file) },
        clock: { confirm: (tx) => clockGuard(storage).confirm(tx, machineClock()()) },
        domainKeys: await openDomainKeyStore(storage, rootKey, regions),
        opened,
        rootKey: async () => ({
          id: rootKey.id,
          generation: await getRootKeyGeneration(storage),
        }),
        rotation: parts.rotation(),
        seal,
        trailKey: () => findTrailKey({ storage, rootKey }),
      }
      return () => stores
    },
    jobs: () => Promise.resolve([]),
  }
}
