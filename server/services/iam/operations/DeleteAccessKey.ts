// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html
import { CHANGE_ERRORS, NoSuchEntityException } from '../errors.ts'
import { findKeyOwner, type KeyOwner, keyOwnerDemand, principalOf } from '../key-owner.ts'
import { ACCESS_KEY_ID, NAME } from '../limits.ts'
import { changes, type IamChange } from '../operation.ts'
import type { DeleteAccessKeyRequest } from '../wire.ts'

type Removal = { readonly principal: string; readonly accessKeyId: string }

export const DeleteAccessKey: IamChange<DeleteAccessKeyRequest, object, KeyOwner, Removal> = {
  ...changes<DeleteAccessKeyRequest, object>('DeleteAccessKey'),
  limits: { UserName: NAME, AccessKeyId: ACCESS_KEY_ID },
  errors: CHANGE_ERRORS,
  target: (input, call) => findKeyOwner(input.UserName, call),
  demands: (owner, _input, call) => [keyOwnerDemand('iam:DeleteAccessKey', owner, call)],
  prepare: ({ AccessKeyId }, owner) => ({
    principal: principalOf(owner),
    accessKeyId: AccessKeyId,
  }),
  async apply({ principal, accessKeyId }, tx, call) {
    await call.stores.entities.hold(tx)
    if (!(await call.stores.accessKeys.delete(tx, principal, accessKeyId))) {
      throw NoSuchEntityException.accessKey(accessKeyId)
    }
    return {}
  },
}
