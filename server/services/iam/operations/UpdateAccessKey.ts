// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html
import type { AccessKeyStatus } from '../access-key-store.ts'
import { CHANGE_ERRORS, NoSuchEntityException } from '../errors.ts'
import { findKeyOwner, type KeyOwner, keyOwnerDemand, principalOf } from '../key-owner.ts'
import { ACCESS_KEY_ID, NAME, STATUS } from '../limits.ts'
import { changes, type IamChange } from '../operation.ts'
import type { UpdateAccessKeyRequest } from '../wire.ts'

type Change = {
  readonly principal: string
  readonly accessKeyId: string
  readonly status: AccessKeyStatus
}

export const UpdateAccessKey: IamChange<UpdateAccessKeyRequest, object, KeyOwner, Change> = {
  ...changes<UpdateAccessKeyRequest, object>('UpdateAccessKey'),
  limits: { UserName: NAME, AccessKeyId: ACCESS_KEY_ID, Status: STATUS },
  errors: CHANGE_ERRORS,
  target: (input, call) => findKeyOwner(input.UserName, call),
  demands: (owner, _input, call) => [keyOwnerDemand('iam:UpdateAccessKey', owner, call)],
  prepare: ({ AccessKeyId, Status }, owner) => ({
    principal: principalOf(owner),
    accessKeyId: AccessKeyId,
    status: Status as AccessKeyStatus,
  }),
  async apply({ principal, accessKeyId, status }, tx, call) {
    await call.stores.entities.hold(tx)
    if (!(await call.stores.accessKeys.setStatus(tx, principal, accessKeyId, status))) {
      throw NoSuchEntityException.accessKey(accessKeyId)
    }
    return {}
  },
}
