// What an operator does to a running server, through the operator socket: operations like all others,
// with a record each, for a caller that no network reaches.
import { createBackup } from '../backup/create.ts'
import { AwsError } from '../contract/errors.ts'
import type { Service } from '../contract/service.ts'
import { clockGuard } from '../pipeline/jobs/clock-store.ts'
import { machineClock } from '../pipeline/jobs/machine-clock.ts'
import { findTrailKey } from '../services/cloudtrail/service.ts'
import { accountDirectory } from '../services/iam/account-directory.ts'
import { openDomainKeyStore } from '../services/kms/material/domain-key-store.ts'
import { OPERATOR_EVENT_SOURCE, type OperatorStores, type SealStore } from './operation.ts'
import { ConfirmClock } from './operations/ConfirmClock.ts'
import { ConfirmSeal } from './operations/ConfirmSeal.ts'
import { CreateAccount } from './operations/CreateAccount.ts'
import { CreateBackup } from './operations/CreateBackup.ts'
import { GetSealStatus } from './operations/GetSealStatus.ts'
import { GetTrailKey } from './operations/GetTrailKey.ts'
import { ListAccounts } from './operations/ListAccounts.ts'
import { MigrateSeal } from './operations/MigrateSeal.ts'
import { RotateCredentials } from './operations/RotateCredentials.ts'
import { RotateDomainKeys } from './operations/RotateDomainKeys.ts'
import { Unseal } from './operations/Unseal.ts'

/** The answer to a bug, or to a store or trail that does not answer. */
class InternalFailure extends AwsError {
  override readonly status: number = 500
  constructor() {
    super('Something failed inside the server: its log says what, under this request id.')
  }
}

/** The operator's service over the seal of this installation, whose directory this is. */
export function operatorService(seal: SealStore, directory: string): Service {
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
      GetSealStatus,
      GetTrailKey,
      ListAccounts,
      MigrateSeal,
      RotateCredentials,
      RotateDomainKeys,
      Unseal,
    },
    migrations: [],
    protectedTables: [],
    async open({ storage, rootKey, regions }) {
      const stores: OperatorStores = {
        accounts: accountDirectory(storage, rootKey),
        backups: { create: (file) => createBackup({ storage, rootKey, directory }, file) },
        clock: { confirm: (tx) => clockGuard(storage).confirm(tx, machineClock()()) },
        domainKeys: await openDomainKeyStore(storage, rootKey, regions),
        seal,
        trailKey: () => findTrailKey({ storage, rootKey }),
      }
      return () => stores
    },
    jobs: () => Promise.resolve([]),
  }
}
