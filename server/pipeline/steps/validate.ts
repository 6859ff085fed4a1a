// Step 1: the input satisfies every limit, or the caller hears of all that it does not.
import { ValidationException } from '../../contract/errors.ts'
import { validationMessage } from '../../schema/limits.ts'
import type { Plan } from '../plan.ts'

export function validate(plan: Plan, input: Readonly<Record<string, unknown>>): void {
  const problems = plan.problems(input)
  if (problems.length > 0) throw new ValidationException(validationMessage(problems))
}
