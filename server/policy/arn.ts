// Amazon Resource Names: six parts, split at the first five colons; the last may hold more colons.
// After: IAM User Guide, "Identify AWS resources with Amazon Resource Names (ARNs)".

/** arn, partition, service, Region, account, resource. */
export type ArnParts = readonly [string, string, string, string, string, string]

/** The six parts, or undefined where the text is no ARN. */
export function splitArn(text: string): ArnParts | undefined {
  const parts = splitInSix(text)
  return parts?.[0] === 'arn' ? parts : undefined
}

/** Six parts of any text with at least five colons. */
export function splitInSix(text: string): ArnParts | undefined {
  const first = text.indexOf(':')
  const second = text.indexOf(':', first + 1)
  const third = text.indexOf(':', second + 1)
  const fourth = text.indexOf(':', third + 1)
  const fifth = text.indexOf(':', fourth + 1)
  // indexOf starts over at the front after a miss: the order shows one.
  if (!(first >= 0 && first < second && second < third && third < fourth && fourth < fifth)) {
    return undefined
  }
  return [
    text.slice(0, first),
    text.slice(first + 1, second),
    text.slice(second + 1, third),
    text.slice(third + 1, fourth),
    text.slice(fourth + 1, fifth),
    text.slice(fifth + 1),
  ]
}
