// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html
import { Missing } from '../../../contract/operation.ts'
import { ROOT } from '../access-key-directory.ts'
import { NoSuchEntityException } from '../errors.ts'
import { type KeyOwner, keyOwnerDemand, ownerName } from '../key-owner.ts'
import { ACCESS_KEY_ID } from '../limits.ts'
import { type IamCall, type IamReading, reads } from '../operation.ts'
import type { GetAccessKeyLastUsedRequest, GetAccessKeyLastUsedResponse } from '../wire.ts'

/** What AWS writes where there is nothing to tell. */
const NEVER = { ServiceName: 'N/A', Region: 'N/A' }

export const GetAccessKeyLastUsed: IamReading<
  GetAccessKeyLastUsedRequest,
  GetAccessKeyLastUsedResponse,
  KeyOwner
> = {
  ...reads<GetAccessKeyLastUsedRequest, GetAccessKeyLastUsedResponse>('GetAccessKeyLastUsed'),
  limits: { AccessKeyId: ACCESS_KEY_ID },
  errors: [NoSuchEntityException],
  target: ({ AccessKeyId }, call) => findOwner(AccessKeyId, call),
  demands: (owner, _input, call) => [keyOwnerDemand('iam:GetAccessKeyLastUsed', owner, call)],
  async handle({ AccessKeyId }, owner, call) {
    const use = await call.stores.identities.findLastUse(AccessKeyId)
    return {
      ...ownerName(owner),
      AccessKeyLastUsed:
        use === undefined
          ? NEVER
          : {
              LastUsedDate: new Date(use.atMs),
              ServiceName: use.service,
              Region: use.region,
            },
    }
  },
}

/** Of an access key that is not the account's only those hear who may ask for any. */
async function findOwner(accessKeyId: string, call: IamCall): Promise<KeyOwner | Missing> {
  const { accessKeys, entities } = call.stores
  const { account } = call
  const missing = () => new Missing('*', account, NoSuchEntityException.accessKey(accessKeyId))
  const key = await accessKeys.find(accessKeyId)
  if (key === undefined) return missing()
  if (key.principal === ROOT) return { account, user: undefined }
  const user = await entities.findById('user', key.principal)
  return user === undefined ? missing() : { account, user }
}
