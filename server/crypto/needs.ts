// The one way a cryptographic room states what must hold before it goes on.

/**
 * Throws when `condition` does not hold. Each sentence stands in exactly one place, and a test of the
 * same sentence shows that the check bites (`needs.test.ts` compares the two sets).
 */
export function needs(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new Error(`needs: ${sentence}`)
}
