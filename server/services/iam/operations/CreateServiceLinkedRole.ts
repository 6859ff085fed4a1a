// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html
import { identityDemand } from '../../../contract/demand.ts'
import { entityArn, type Role } from '../entities/entity.ts'
import { newEntityId } from '../entities/unique-id.ts'
import { roleView } from '../entities/views.ts'
import { CHANGE_ERRORS, InvalidInputException, LimitExceededException } from '../errors.ts'
import { DESCRIPTION, NAME, QUOTAS } from '../limits.ts'
import { findLinkedService, linkedRolePath } from '../linked-services.ts'
import { changes, type IamChange } from '../operation.ts'
import type { CreateServiceLinkedRoleRequest, CreateServiceLinkedRoleResponse } from '../wire.ts'

/** The name and path of the role to make; both empty where the service has none. */
type Place = { readonly name: string; readonly path: string; readonly policyArn: string }

export const CreateServiceLinkedRole: IamChange<
  CreateServiceLinkedRoleRequest,
  CreateServiceLinkedRoleResponse,
  Place,
  Role
> = {
  ...changes<CreateServiceLinkedRoleRequest, CreateServiceLinkedRoleResponse>(
    'CreateServiceLinkedRole',
  ),
  limits: { AWSServiceName: NAME, Description: DESCRIPTION, CustomSuffix: NAME },
  errors: CHANGE_ERRORS,
  target({ AWSServiceName: service, CustomSuffix }) {
    const linked = findLinkedService(service)
    if (linked === undefined) throw InvalidInputException.service(service)
    // None of the services here takes a suffix.
    if (CustomSuffix !== undefined) throw InvalidInputException.suffix(service)
    return {
      name: linked.roleName,
      path: linkedRolePath(service),
      policyArn: linked.policyArn,
    }
  },
  demands(place, { AWSServiceName }, { account }) {
    const arn = 'error' in place ? place.resource : entityArn('role', { account, ...place })
    return [
      identityDemand('iam:CreateServiceLinkedRole', arn, account, () => [
        ['iam:AWSServiceName', AWSServiceName],
      ]),
    ]
  },
  prepare: ({ AWSServiceName: service, Description }, { name, path, policyArn }, call) => ({
    kind: 'role',
    account: call.account,
    id: newEntityId('role'),
    name,
    path,
    version: 1,
    createdAtMs: call.nowMs,
    description: Description,
    trustPolicy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { Service: [service] }, Action: ['sts:AssumeRole'] },
      ],
    }),
    maxSessionSeconds: 3600,
    inline: [],
    attached: [policyArn],
    boundary: undefined,
    tags: [],
    linkedService: service,
  }),
  async apply(role, tx, call) {
    const { entities, identities } = call.stores
    if (!(await entities.insert(tx, role))) throw InvalidInputException.linkedRoleTaken(role.name)
    if ((await entities.count(tx, 'role')) > QUOTAS.roles) {
      throw LimitExceededException.quota('RolesPerAccount', QUOTAS.roles)
    }
    return { Role: await roleView(role, identities) }
  },
}
