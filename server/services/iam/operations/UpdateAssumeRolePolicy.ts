// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html
import type { Role } from '../entities/entity.ts'
import { CHANGE_ERRORS, MalformedPolicyDocumentException } from '../errors.ts'
import { NAME, POLICY_DOCUMENT } from '../limits.ts'
import { changes, type IamChange } from '../operation.ts'
import { keptTrustPolicy } from '../policies/documents.ts'
import { entityDemand, findNamed, requireModifiable } from '../targets.ts'
import type { UpdateAssumeRolePolicyRequest } from '../wire.ts'

type Change = { readonly role: Role; readonly trustPolicy: string }

export const UpdateAssumeRolePolicy: IamChange<
  UpdateAssumeRolePolicyRequest,
  object,
  Role,
  Change
> = {
  ...changes<UpdateAssumeRolePolicyRequest, object>('UpdateAssumeRolePolicy'),
  limits: { RoleName: NAME, PolicyDocument: POLICY_DOCUMENT },
  errors: [...CHANGE_ERRORS, MalformedPolicyDocumentException],
  target: (input, call) => findNamed('role', input.RoleName, call),
  demands: (role, _input, call) => [entityDemand('iam:UpdateAssumeRolePolicy', role, call)],
  async prepare({ PolicyDocument }, role, call) {
    requireModifiable(role)
    return { role, trustPolicy: await keptTrustPolicy(PolicyDocument, call.stores.identities) }
  },
  async apply({ role, trustPolicy }, tx, call) {
    await call.stores.entities.change(tx, role, { trustPolicy })
    return {}
  },
}
