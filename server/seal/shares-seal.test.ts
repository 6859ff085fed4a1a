// The shares seal: enough shares of its own set give the root key; fewer, foreign or damaged ones do not.
import { describe, expect, it, vi } from 'vitest'
import { sha256 } from '../crypto/digest.ts'
import { newRootKey } from './file-seal.ts'
import { openWithShares, readShare, ShareError, sealWithShares } from './shares-seal.ts'

const SHARE = /^keyhold-share-[0-9a-f]{16}-[0-9a-f]{66}-[0-9a-f]{8}$/
const root = newRootKey()
const sealed = await sealWithShares(root, 5, 3)
const keyOf = (key: typeof root | undefined) => key?.lend((bytes) => bytes.toString('hex'))
const read = (texts: readonly string[]) => texts.map((text) => readShare(sealed.document, text))

/** The text of a share that was never made, with a check that fits. */
function crafted(bytes: Buffer, set = sealed.document.set): string {
  const check = sha256('keyhold/1/share\0', set, bytes).subarray(0, 4).toString('hex')
  return `keyhold-share-${set}-${bytes.toString('hex')}-${check}`
}

describe('the shares of a root key', () => {
  it('are as many as asked for, and look like something a person can type', () => {
    expect(sealed.shares).toHaveLength(5)
    expect(new Set(sealed.shares).size).toBe(5)
    for (const share of sealed.shares) {
      expect(share).toMatch(SHARE)
      expect(share).toContain(sealed.document.set)
    }
    expect(sealed.document).toMatchObject({ rootKeyId: root.id, shares: 5, threshold: 3 })
  })

  it('give it back, any three of them, in any order, and more', async () => {
    const shares = read(sealed.shares)
    for (let first = 0; first < 5; first++) {
      for (let second = 0; second < 5; second++) {
        for (let third = 0; third < 5; third++) {
          if (new Set([first, second, third]).size < 3) continue
          const chosen = [first, second, third].map((at) => shares[at] as Buffer)
          expect(keyOf((await openWithShares(sealed.document, chosen))?.rootKey)).toBe(keyOf(root))
        }
      }
    }
    expect(keyOf((await openWithShares(sealed.document, shares))?.rootKey)).toBe(keyOf(root))
  })

  it('do not give it back when they are fewer, whatever the seal file says is enough', async () => {
    const shares = read(sealed.shares)
    const document = { ...sealed.document, threshold: 2 }
    for (const [first, second] of [
      [0, 1],
      [0, 4],
      [3, 4],
    ] as const) {
      const two = [shares[first] as Buffer, shares[second] as Buffer]
      expect(await openWithShares(document, two)).toBeUndefined()
    }
  })

  it('tell nothing when they are fewer: every key is as likely as the true one', async () => {
    // With two shares known, each value of a third gives another key: none is ruled out.
    const small = await sealWithShares(root, 3, 3)
    const [one, two, three] = small.shares.map((text) => readShare(small.document, text))
    const keys = new Set<number>()
    const { combineSecret } = await import('../crypto/secret-sharing.ts')
    for (let value = 0; value < 256; value++) {
      const guess = Buffer.from(three as Buffer)
      guess[0] = value
      keys.add((await combineSecret([one as Buffer, two as Buffer, guess]))[0] as number)
    }
    expect(keys.size).toBe(256)
  })

  it('hold nothing of the root key or of the key that wraps it', () => {
    const key = keyOf(root) as string
    for (const text of [...sealed.shares, JSON.stringify(sealed.document)]) {
      expect(text).not.toContain(key.slice(0, 16))
    }
  })

  it('are of another set each time, and the old ones are useless for the new seal', async () => {
    const again = await sealWithShares(root, 5, 3)
    expect(again.document.set).not.toBe(sealed.document.set)
    const old = read(sealed.shares)
    expect(await openWithShares(again.document, old.slice(0, 3))).toBeUndefined()
    const mixed = [...old.slice(0, 2), readShare(again.document, again.shares[2] as string)]
    expect(await openWithShares(sealed.document, mixed)).toBeUndefined()
    expect(await openWithShares(again.document, mixed)).toBeUndefined()
  })

  it('of the point zero, or two of one point, do not unseal', async () => {
    const [one, two] = read(sealed.shares) as [Buffer, Buffer]
    const zero = Buffer.alloc(33)
    expect(await openWithShares(sealed.document, [one, two, zero])).toBeUndefined()
    const other = Buffer.from(two)
    other[0] = (other[0] as number) ^ 1
    expect(await openWithShares(sealed.document, [one, two, other])).toBeUndefined()
  })

  it('leave no key behind in buffers, nor themselves', async () => {
    const zeroed: number[] = []
    const fill = Buffer.prototype.fill
    vi.spyOn(Buffer.prototype, 'fill').mockImplementation(function (this: Buffer, ...given) {
      if (given[0] === 0) zeroed.push(this.length)
      return fill.apply(this, given as [number])
    })
    await sealWithShares(root, 5, 3)
    // The key that wraps, the root key lent for it, and five shares.
    expect(zeroed.filter((length) => length === 33)).toHaveLength(5)
    expect(zeroed.filter((length) => length === 32).length).toBeGreaterThanOrEqual(2)
    zeroed.length = 0
    await openWithShares(sealed.document, read(sealed.shares.slice(0, 3)))
    // The combined key, the one-time key derived from it, and the root key.
    expect(zeroed.filter((length) => length === 32)).toHaveLength(3)
    vi.restoreAllMocks()
  })
})

describe('the text of a share', () => {
  it('is read with spaces around it, and in capitals', () => {
    const [text] = sealed.shares as [string]
    expect(readShare(sealed.document, `  ${text}\n`)).toEqual(readShare(sealed.document, text))
    expect(readShare(sealed.document, text.toUpperCase())).toEqual(readShare(sealed.document, text))
  })

  it('is refused with any one character typed wrong', () => {
    const [text] = sealed.shares as [string]
    const from = 'keyhold-share-'.length
    for (let at = from; at < text.length; at++) {
      if (text[at] === '-') continue
      const wrong = `${text.slice(0, at)}${text[at] === '7' ? '8' : '7'}${text.slice(at + 1)}`
      expect(() => readShare(sealed.document, wrong), `character ${at}`).toThrow(
        new ShareError('This share has a typing error: its check does not fit.'),
      )
    }
  })

  it('is refused with two characters exchanged', () => {
    const [text] = sealed.shares as [string]
    for (let at = 'keyhold-share-'.length; at < text.length - 1; at++) {
      const swapped = `${text.slice(0, at)}${text[at + 1]}${text[at]}${text.slice(at + 2)}`
      if (swapped === text) continue
      expect(() => readShare(sealed.document, swapped), `character ${at}`).toThrow(ShareError)
    }
  })

  it('is refused when it is cut off, doubled, or no share at all', () => {
    const [text] = sealed.shares as [string]
    const wrongs = [
      '',
      'share',
      text.slice(0, -1),
      text.slice(1),
      `${text}0`,
      `${text}${text}`,
      `${text}\n${text}`,
    ]
    for (const wrong of wrongs) {
      expect(() => readShare(sealed.document, wrong), wrong).toThrow(
        'This is no share: one begins with keyhold-share- and is typed whole.',
      )
    }
  })

  it('of another set is told so, and not as a typing error', async () => {
    const other = await sealWithShares(root, 2, 2)
    expect(() => readShare(sealed.document, other.shares[0] as string)).toThrow(
      `This share is of another set (${other.document.set}); this seal needs set ${sealed.document.set}.`,
    )
    const bytes = readShare(sealed.document, sealed.shares[0] as string)
    const relabelled = (other.shares[0] as string).replace(other.document.set, sealed.document.set)
    expect(() => readShare(sealed.document, relabelled)).toThrow('typing error')
    expect(() => readShare(sealed.document, crafted(bytes, other.document.set))).toThrow(
      'another set',
    )
  })

  it('is in none of the messages that refuse it', () => {
    const [text] = sealed.shares as [string]
    const secret = text.slice(-75, -9)
    for (const wrong of [`${text}0`, text.replace(/.$/, (last) => (last === '0' ? '1' : '0'))]) {
      try {
        readShare(sealed.document, wrong)
        expect.fail('it was read')
      } catch (error) {
        expect((error as Error).message).not.toContain(secret.slice(0, 12))
      }
    }
  })
})
