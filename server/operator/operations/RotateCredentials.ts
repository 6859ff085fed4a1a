// keyhold credentials rotate: a new access key for an account's root user; the old ones stop at once.
import { length } from '../../schema/limits.ts'
import { ownSchema } from '../../schema/own-shape.ts'
import { type NewAccessKey, newAccessKey } from '../../services/iam/access-key-directory.ts'
import { NoSuchAccountException } from '../errors.ts'
import { type OperatorChange, onInstallation, operatorDemand } from '../operation.ts'

type RotateCredentialsRequest = { AccountId: string }
type RotateCredentialsResponse = {
  AccountId: string
  AccessKeyId: string
  SecretAccessKey: string
  DeactivatedAccessKeyIds: readonly string[]
}
type NewCredentials = { readonly account: string; readonly accessKey: NewAccessKey }

export const RotateCredentials: OperatorChange<
  RotateCredentialsRequest,
  RotateCredentialsResponse,
  NewCredentials
> = {
  ...onInstallation,
  schema: ownSchema<RotateCredentialsRequest, RotateCredentialsResponse>(
    'RotateCredentials',
    { AccountId: 'string!' },
    {
      AccountId: 'string!',
      AccessKeyId: 'string!',
      SecretAccessKey: 'string! secret',
      DeactivatedAccessKeyIds: 'strings!',
    },
  ),
  limits: { AccountId: length(12, 12) },
  errors: [NoSuchAccountException],
  demands: (_target, _input, call) => operatorDemand('RotateCredentials', call),
  audit: {
    readOnly: false,
    show: ['AccountId'],
    showOutput: ['AccessKeyId', 'DeactivatedAccessKeyIds'],
  },
  async prepare({ AccountId: account }, _target, call) {
    if (!(await call.stores.accounts.exists(account))) throw new NoSuchAccountException(account)
    return { account, accessKey: newAccessKey(account) }
  },
  async apply({ account, accessKey }, tx, call) {
    const old = await call.stores.accounts.deactivateRootAccessKeys(tx, account)
    await call.stores.accounts.insertRootAccessKey(tx, account, accessKey)
    const { accessKeyId, secretAccessKey } = accessKey
    return {
      AccountId: account,
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      DeactivatedAccessKeyIds: old,
    }
  },
}
