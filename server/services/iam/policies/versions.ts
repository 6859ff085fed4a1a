// Versions of managed policies: v1, v2, and so on.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html
import { entityArn, type ManagedPolicy, type PolicyVersion } from '../entities/entity.ts'
import { versionId } from '../entities/views.ts'
import { NoSuchEntityException } from '../errors.ts'

/** The version of this id; throws where the policy has none such. */
export function getVersion(policy: ManagedPolicy, id: string): PolicyVersion {
  const version = policy.versions.find(({ number }) => versionId(number) === id)
  if (version === undefined) {
    throw NoSuchEntityException.policyVersion(entityArn('policy', policy), id)
  }
  return version
}
