// keyhold account create: a new tenant, and the access key of its root user.
import { pattern } from '../../schema/limits.ts'
import { ownSchema } from '../../schema/own-shape.ts'
import { type NewAccessKey, newAccessKey } from '../../services/iam/access-key-directory.ts'
import { AccountExistsException } from '../errors.ts'
import { type OperatorChange, onInstallation, operatorDemand } from '../operation.ts'

type CreateAccountRequest = { AccountId: string }
type CreateAccountResponse = { AccountId: string; AccessKeyId: string; SecretAccessKey: string }
type NewAccount = { readonly account: string; readonly accessKey: NewAccessKey }

export const CreateAccount: OperatorChange<
  CreateAccountRequest,
  CreateAccountResponse,
  NewAccount
> = {
  ...onInstallation,
  schema: ownSchema<CreateAccountRequest, CreateAccountResponse>(
    'CreateAccount',
    { AccountId: 'string!' },
    { AccountId: 'string!', AccessKeyId: 'string!', SecretAccessKey: 'string! secret' },
  ),
  limits: { AccountId: pattern(/^(?!0{12})[0-9]{12}$/) },
  errors: [AccountExistsException],
  demands: (_target, _input, call) => operatorDemand('CreateAccount', call),
  audit: { readOnly: false, show: ['AccountId'], showOutput: ['AccountId', 'AccessKeyId'] },
  async prepare({ AccountId: account }, _target, call) {
    if (await call.stores.accounts.exists(account)) throw new AccountExistsException(account)
    return { account, accessKey: newAccessKey(account) }
  },
  async apply({ account, accessKey }, tx, call) {
    // Another call may have been faster.
    if (!(await call.stores.accounts.insert(tx, account))) throw new AccountExistsException(account)
    await call.stores.accounts.insertRootAccessKey(tx, account, accessKey)
    const { accessKeyId, secretAccessKey } = accessKey
    return { AccountId: account, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey }
  },
}
