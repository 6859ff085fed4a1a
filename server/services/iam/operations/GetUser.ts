// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html
import { identityDemand } from '../../../contract/demand.ts'
import type { Missing } from '../../../contract/operation.ts'
import type { User } from '../entities/entity.ts'
import { wholeUserView } from '../entities/views.ts'
import { NoSuchEntityException } from '../errors.ts'
import { NAME } from '../limits.ts'
import { type IamReading, reads } from '../operation.ts'
import { entityDemand, findUserOrCaller } from '../targets.ts'
import type { GetUserRequest, GetUserResponse } from '../wire.ts'

export const GetUser: IamReading<GetUserRequest, GetUserResponse, User | 'root'> = {
  ...reads<GetUserRequest, GetUserResponse>('GetUser'),
  limits: { UserName: NAME },
  errors: [NoSuchEntityException],
  target(input, call): Promise<User | Missing> | 'root' {
    if (input.UserName === undefined && call.caller.type === 'Root') return 'root'
    return findUserOrCaller(input.UserName, call)
  },
  demands: (user, _input, call) => [
    user === 'root'
      ? identityDemand('iam:GetUser', call.caller.arn, call.account)
      : entityDemand('iam:GetUser', user, call),
  ],
  handle: (_input, user, call) => ({
    User: user === 'root' ? rootView(call.account, call.caller.arn) : wholeUserView(user),
  }),
}

/** The root user has neither path nor name: IAM answers its id and ARN, and says it is as old as time. */
function rootView(account: string, arn: string): GetUserResponse['User'] {
  return { Path: undefined, UserName: undefined, UserId: account, Arn: arn, CreateDate: EPOCH }
}

const EPOCH = new Date(0)
