// Members that the schema does not require, but this call does; in AWS's words for those that it does.
import { ValidationException } from '../../contract/errors.ts'

/** A member that some calls can do without, but not this one. */
export function requireMember<T>(value: T | undefined, name: string): T {
  if (value !== undefined) return value
  throw new ValidationException(
    `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`,
  )
}
