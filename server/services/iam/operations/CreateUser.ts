// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html
import { requireBoundaryPolicy, requireStillThere } from '../boundaries.ts'
import type { ManagedPolicy, User } from '../entities/entity.ts'
import { newEntityId } from '../entities/unique-id.ts'
import { wholeUserView } from '../entities/views.ts'
import { CHANGE_ERRORS, EntityAlreadyExistsException, LimitExceededException } from '../errors.ts'
import { ARN, NEW_NAME, PATH, QUOTAS, TAGS } from '../limits.ts'
import { requireName } from '../names.ts'
import { newEntityDemands } from '../new-entity.ts'
import { changes, type IamChange } from '../operation.ts'
import { readTags } from '../tags.ts'
import type { CreateUserRequest, CreateUserResponse } from '../wire.ts'

type NewUser = { readonly user: User; readonly boundary: ManagedPolicy | undefined }

export const CreateUser: IamChange<CreateUserRequest, CreateUserResponse, 'account', NewUser> = {
  ...changes<CreateUserRequest, CreateUserResponse>('CreateUser'),
  limits: { Path: PATH, UserName: NEW_NAME, PermissionsBoundary: ARN, Tags: TAGS },
  errors: [...CHANGE_ERRORS, EntityAlreadyExistsException],
  target(input) {
    requireName('userName', input.UserName)
    return 'account'
  },
  demands: (_target, input, call) => newEntityDemands('user', input.UserName, input, call),
  async prepare({ UserName: name, Path = '/', PermissionsBoundary: arn, Tags }, _target, call) {
    const boundary = arn === undefined ? undefined : await requireBoundaryPolicy(arn, call)
    const user: User = {
      kind: 'user',
      account: call.account,
      id: newEntityId('user'),
      name,
      path: Path,
      version: 1,
      createdAtMs: call.nowMs,
      inline: [],
      attached: [],
      boundary: arn,
      tags: readTags(Tags),
      groups: [],
    }
    return { user, boundary }
  },
  async apply({ user, boundary }, tx, call) {
    const { entities } = call.stores
    if (!(await entities.insert(tx, user))) {
      throw EntityAlreadyExistsException.named('user', user.name)
    }
    await requireStillThere(boundary, tx, call)
    if ((await entities.count(tx, 'user')) > QUOTAS.users) {
      throw LimitExceededException.quota('UsersPerAccount', QUOTAS.users)
    }
    return { User: wholeUserView(user) }
  },
}
