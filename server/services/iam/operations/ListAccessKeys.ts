// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html
import { NoSuchEntityException } from '../errors.ts'
import {
  findKeyOwner,
  type KeyOwner,
  keyOwnerDemand,
  ownerName,
  principalOf,
} from '../key-owner.ts'
import { NAME, PAGE } from '../limits.ts'
import { type IamReading, reads } from '../operation.ts'
import { pageOfAll } from '../pages.ts'
import type { ListAccessKeysRequest, ListAccessKeysResponse } from '../wire.ts'

export const ListAccessKeys: IamReading<ListAccessKeysRequest, ListAccessKeysResponse, KeyOwner> = {
  ...reads<ListAccessKeysRequest, ListAccessKeysResponse>('ListAccessKeys'),
  limits: { UserName: NAME, ...PAGE },
  errors: [NoSuchEntityException],
  target: (input, call) => findKeyOwner(input.UserName, call),
  demands: (owner, _input, call) => [keyOwnerDemand('iam:ListAccessKeys', owner, call)],
  async handle(input, owner, call) {
    const keys = await call.stores.accessKeys.list(principalOf(owner))
    const { entries, paging } = pageOfAll(keys, input, ({ accessKeyId }) => accessKeyId)
    return {
      AccessKeyMetadata: entries.map(({ accessKeyId, status, createdAtMs }) => ({
        ...ownerName(owner),
        AccessKeyId: accessKeyId,
        Status: status,
        CreateDate: new Date(createdAtMs),
      })),
      ...paging,
    }
  },
}
