// The work bound of one decision: every comparison spends steps, and nobody gets more than a fixed
// multiple of what was handed in. Running out denies; it never throws at the caller of authorize.

/** Steps granted per character of policy and request. Honest policies use fewer than five. */
export const STEPS_PER_CHARACTER = 64

/** Steps granted to every decision, so that short inputs are never near the bound. */
export const STEPS_FLOOR = 100_000

/** What is left of one decision's work. Mutable, and never shared between decisions. */
export type Steps = { left: number }

/** Thrown inside a decision that ran out of steps; `authorize` turns it into a denial. */
export class StepsExceededError extends Error {
  constructor() {
    super('the decision needs more work than its input may cost')
    this.name = 'StepsExceededError'
  }
}

/** The steps of a decision over so many characters of policies and request. */
export function stepsFor(characters: number): Steps {
  return { left: STEPS_FLOOR + STEPS_PER_CHARACTER * characters }
}

/** Spends steps, or stops the decision. */
export function spend(steps: Steps, count: number): void {
  steps.left -= count
  if (steps.left < 0) throw new StepsExceededError()
}
