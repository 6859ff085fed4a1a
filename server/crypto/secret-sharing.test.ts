// Shamir's secret sharing: enough shares give the secret, fewer give nothing.
import { describe, expect, it } from 'vitest'
import { randomBytes } from './random.ts'
import { combineSecret, MAX_SHARES, splitSecret } from './secret-sharing.ts'

const secret = randomBytes(32)

/** All ways to choose `count` of the values. */
function choices<T>(values: readonly T[], count: number): T[][] {
  if (count === 0) return [[]]
  return values.flatMap((value, at) =>
    choices(values.slice(at + 1), count - 1).map((rest) => [value, ...rest]),
  )
}

describe('a secret that was split', () => {
  it('comes back from any shares that are enough, in any order, and from more', async () => {
    const shares = await splitSecret(secret, 5, 3)
    expect(shares).toHaveLength(5)
    for (const chosen of choices(shares, 3)) {
      expect(await combineSecret(chosen)).toEqual(secret)
      expect(await combineSecret([...chosen].reverse())).toEqual(secret)
    }
    expect(await combineSecret(shares)).toEqual(secret)
  })

  it('does not come back from fewer', async () => {
    const shares = await splitSecret(secret, 5, 3)
    for (const chosen of choices(shares, 2)) {
      expect((await combineSecret(chosen)).equals(secret)).toBe(false)
    }
  })

  it('does not come back with a share of another splitting, or a damaged one', async () => {
    const [one, two, three] = (await splitSecret(secret, 3, 3)) as [Buffer, Buffer, Buffer]
    const [, , other] = (await splitSecret(secret, 3, 3)) as [Buffer, Buffer, Buffer]
    const damaged = Buffer.from(three)
    damaged[0] = (damaged[0] as number) ^ 1
    for (const wrong of [other, damaged]) {
      const combined = await combineSecret([one, two, wrong]).catch(() => Buffer.alloc(0))
      expect(combined.equals(secret)).toBe(false)
    }
  })

  it('is in none of its shares, and is left as it was', async () => {
    const before = Buffer.from(secret)
    for (const share of await splitSecret(secret, 5, 2)) {
      expect(share.includes(secret.subarray(0, 8))).toBe(false)
    }
    expect(secret).toEqual(before)
  })

  it('may have as many shares as there are', async () => {
    const shares = await splitSecret(secret, MAX_SHARES, 2)
    expect(new Set(shares.map((share) => share.toString('hex'))).size).toBe(MAX_SHARES)
    expect(await combineSecret([shares[0] as Buffer, shares[254] as Buffer])).toEqual(secret)
  })
})

it('A secret is split into at most 255 shares, of which at least two are needed.', async () => {
  for (const [shares, threshold] of [
    [256, 2],
    [5, 1],
    [5, 0],
    [5, -1],
    [1, 1],
    [3, 4],
    [2.5, 2],
    [3, 2.5],
    [Number.NaN, 2],
    [3, Number.NaN],
  ] as const) {
    await expect(
      splitSecret(secret, shares, threshold),
      `${threshold} of ${shares}`,
    ).rejects.toThrow(
      'needs: A secret is split into at most 255 shares, of which at least two are needed.',
    )
  }
})
