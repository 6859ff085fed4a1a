// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html
import { Moved } from '../../../contract/operation.ts'
import { type NewAccessKey, newAccessKey } from '../access-key-directory.ts'
import { CHANGE_ERRORS, LimitExceededException } from '../errors.ts'
import {
  findKeyOwner,
  type KeyOwner,
  keyOwnerDemand,
  ownerName,
  principalOf,
} from '../key-owner.ts'
import { NAME, QUOTAS } from '../limits.ts'
import { changes, type IamChange } from '../operation.ts'
import type { CreateAccessKeyRequest, CreateAccessKeyResponse } from '../wire.ts'

type NewKey = { readonly owner: KeyOwner; readonly accessKey: NewAccessKey }

const alike = changes<CreateAccessKeyRequest, CreateAccessKeyResponse>('CreateAccessKey')

export const CreateAccessKey: IamChange<
  CreateAccessKeyRequest,
  CreateAccessKeyResponse,
  KeyOwner,
  NewKey
> = {
  ...alike,
  limits: { UserName: NAME },
  errors: CHANGE_ERRORS,
  target: (input, call) => findKeyOwner(input.UserName, call),
  demands: (owner, _input, call) => [keyOwnerDemand('iam:CreateAccessKey', owner, call)],
  // The answer holds the secret: the record names the access key instead.
  resources({ account }, output) {
    const id = output?.AccessKey?.AccessKeyId
    return id === undefined ? [] : [{ account, type: 'AWS::IAM::AccessKey', arn: id }]
  },
  audit: {
    ...alike.audit,
    showOutput: ([resource]) => ({ accessKey: { accessKeyId: resource?.arn } }),
  },
  prepare: (_input, owner, call) => ({ owner, accessKey: newAccessKey(call.account) }),
  async apply({ owner, accessKey }, tx, call) {
    const { accessKeys, entities } = call.stores
    await entities.hold(tx)
    const { user } = owner
    if (user !== undefined && !(await entities.exists(tx, user.id))) throw new Moved()
    const principal = principalOf(owner)
    await accessKeys.insert(tx, principal, accessKey, call.nowMs)
    if ((await accessKeys.count(tx, principal)) > QUOTAS.accessKeysPerUser) {
      throw LimitExceededException.quota('AccessKeysPerUser', QUOTAS.accessKeysPerUser)
    }
    return {
      AccessKey: {
        UserName: ownerName(owner).UserName,
        AccessKeyId: accessKey.accessKeyId,
        Status: 'Active',
        SecretAccessKey: accessKey.secretAccessKey,
        CreateDate: new Date(call.nowMs),
      },
    }
  },
}
