// Names of users, groups, roles and policies: which characters they have.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names
import { ValidationException } from '../../contract/errors.ts'

const NAME = /^[A-Za-z0-9_+=,.@-]+$/

/** Throws where a name that AWS calls `member` has other characters; its length is the validation's. */
export function requireName(member: string, name: string): void {
  if (NAME.test(name)) return
  throw new ValidationException(
    `The specified value for ${member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
  )
}
