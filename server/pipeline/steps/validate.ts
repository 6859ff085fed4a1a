// Step 1: the input satisfies every limit, or the caller hears of all that it does not.
import { SerializationException, ValidationException } from '../../contract/errors.ts'
import { validationMessage } from '../../schema/limits.ts'
import { ShapeMismatch } from '../../schema/read-json.ts'
import type { Plan } from '../plan.ts'

export function validate(plan: Plan, input: Readonly<Record<string, unknown>>): void {
  let problems: string[]
  try {
    problems = plan.problems(input)
  } catch (error) {
    // A fraction where a whole number belongs: the schema cannot tell, the limit can.
    if (error instanceof ShapeMismatch) throw new SerializationException(error.message)
    throw error
  }
  if (problems.length > 0) throw new ValidationException(validationMessage(problems))
}
