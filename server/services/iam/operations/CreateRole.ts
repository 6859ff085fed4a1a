// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
import { requireBoundaryPolicy, requireStillThere } from '../boundaries.ts'
import type { ManagedPolicy, Role } from '../entities/entity.ts'
import { newEntityId } from '../entities/unique-id.ts'
import { wholeRoleView } from '../entities/views.ts'
import {
  CHANGE_ERRORS,
  EntityAlreadyExistsException,
  InvalidInputException,
  LimitExceededException,
  MalformedPolicyDocumentException,
} from '../errors.ts'
import {
  ARN,
  DESCRIPTION,
  NEW_NAME,
  PATH,
  POLICY_DOCUMENT,
  QUOTAS,
  SESSION_SECONDS,
  TAGS,
} from '../limits.ts'
import { requireName } from '../names.ts'
import { newEntityDemands } from '../new-entity.ts'
import { changes, type IamChange } from '../operation.ts'
import { keptTrustPolicy } from '../policies/documents.ts'
import { readTags } from '../tags.ts'
import type { CreateRoleRequest, CreateRoleResponse } from '../wire.ts'

type NewRole = { readonly role: Role; readonly boundary: ManagedPolicy | undefined }

const DEFAULT_SESSION_SECONDS = 3600

export const CreateRole: IamChange<CreateRoleRequest, CreateRoleResponse, 'account', NewRole> = {
  ...changes<CreateRoleRequest, CreateRoleResponse>('CreateRole'),
  limits: {
    Path: PATH,
    RoleName: NEW_NAME,
    AssumeRolePolicyDocument: POLICY_DOCUMENT,
    Description: DESCRIPTION,
    MaxSessionDuration: SESSION_SECONDS,
    PermissionsBoundary: ARN,
    Tags: TAGS,
  },
  errors: [...CHANGE_ERRORS, EntityAlreadyExistsException, MalformedPolicyDocumentException],
  target(input) {
    requireName('roleName', input.RoleName)
    return 'account'
  },
  demands: (_target, input, call) => newEntityDemands('role', input.RoleName, input, call),
  async prepare(input, _target, call) {
    const { RoleName: name, Path: path = '/', PermissionsBoundary: arn } = input
    if (path.startsWith('/aws-service-role/')) throw InvalidInputException.reservedPath(path)
    const { identities } = call.stores
    const trustPolicy = await keptTrustPolicy(input.AssumeRolePolicyDocument, identities)
    const boundary = arn === undefined ? undefined : await requireBoundaryPolicy(arn, call)
    const role: Role = {
      kind: 'role',
      account: call.account,
      id: newEntityId('role'),
      name,
      path,
      version: 1,
      createdAtMs: call.nowMs,
      description: input.Description,
      trustPolicy,
      maxSessionSeconds: input.MaxSessionDuration ?? DEFAULT_SESSION_SECONDS,
      inline: [],
      attached: [],
      boundary: arn,
      tags: readTags(input.Tags),
      linkedService: undefined,
    }
    return { role, boundary }
  },
  async apply({ role, boundary }, tx, call) {
    const { entities, identities } = call.stores
    if (!(await entities.insert(tx, role))) {
      throw EntityAlreadyExistsException.named('role', role.name)
    }
    await requireStillThere(boundary, tx, call)
    if ((await entities.count(tx, 'role')) > QUOTAS.roles) {
      throw LimitExceededException.quota('RolesPerAccount', QUOTAS.roles)
    }
    return { Role: await wholeRoleView(role, identities) }
  },
}
