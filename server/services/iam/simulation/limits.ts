// Limits of what both simulations are asked; source: the IAM API reference.
import { all, each, length } from '../../../schema/limits.ts'
import { InvalidInputException } from '../errors.ts'
import { PAGE, POLICY_DOCUMENT } from '../limits.ts'

export const DOCUMENTS = each(POLICY_DOCUMENT)

export const SIMULATION = {
  ActionNames: each(length(3, 128)),
  ResourceArns: each(length(1, 2048)),
  ResourcePolicy: POLICY_DOCUMENT,
  ResourceOwner: length(1, 2048),
  CallerArn: length(1, 2048),
  PermissionsBoundaryPolicyInputList: all(length(0, 1), DOCUMENTS),
  ...PAGE,
} as const

/** Throws where a member is given that this server would have to ignore. */
export function requireNone(member: string, given: unknown): void {
  if (given !== undefined) throw InvalidInputException.notSupported(member)
}
