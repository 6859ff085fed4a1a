// What an SDK client was told when a call failed, in a form that tests compare as a whole.

export type Refusal = {
  readonly name: string
  readonly message: string
  readonly status: number | undefined
}

/** The error of a call that must fail; a call that succeeds fails the test. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  let answer: unknown
  try {
    answer = await call
  } catch (error) {
    const { name, message, $metadata } = error as Error & {
      $metadata?: { httpStatusCode?: number }
    }
    return { name, message, status: $metadata?.httpStatusCode }
  }
  throw new Error(`the call should have been refused, but was answered: ${JSON.stringify(answer)}`)
}

/** A refusal that is the caller's own fault, which KMS answers with status 400. */
export function refusal(name: string, message: string): Refusal {
  return { name, message, status: 400 }
}

/** The refusal of an input with these problems, in AWS's words. */
export function invalid(...problems: readonly string[]): Refusal {
  const count =
    problems.length === 1 ? '1 validation error' : `${problems.length} validation errors`
  return refusal('ValidationException', `${count} detected: ${problems.join('; ')}`)
}
