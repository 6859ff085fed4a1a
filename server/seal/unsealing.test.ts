// Unsealing: piece by piece, by several people, and never by half.
import { beforeEach, describe, expect, it } from 'vitest'
import { newRootKey } from './file-seal.ts'
import { sealWithPassphrase } from './passphrase-seal.ts'
import { sealWithShares } from './shares-seal.ts'
import { alreadyUnsealed, startUnsealing, UnsealError, type Unsealing } from './unsealing.ts'

const WORDS = 'correct horse battery staple'
const WRONG_SHARES = 'The shares do not belong together. All were forgotten: begin again.'
const root = newRootKey()
const keyOf = (key: typeof root) => key.lend((bytes) => bytes.toString('hex'))
const byShares = await sealWithShares(root, 5, 3)
const byPassphrase = await sealWithPassphrase(root, Buffer.from(WORDS))
const [one, two, three, four, five] = byShares.shares as [string, string, string, string, string]

let unsealing: Unsealing
const share = (text: string) => unsealing.offer({ kind: 'share', text: Buffer.from(text) })
const passphrase = (text: string) =>
  unsealing.offer({ kind: 'passphrase', text: Buffer.from(text) })

/** Whether the root key is there. */
async function isUnsealed(): Promise<boolean> {
  const waiting = Symbol('waiting')
  return (await Promise.race([unsealing.rootKey, Promise.resolve(waiting)])) !== waiting
}

/** A share of the same set whose check fits, but whose content is not what was given out. */
async function wrongShare(): Promise<string> {
  const { sha256 } = await import('../crypto/digest.ts')
  const { set } = byShares.document
  const [, , , hex = ''] = four.split('-')
  const bytes = Buffer.from(hex, 'hex')
  bytes[5] = (bytes[5] as number) ^ 1
  const check = sha256('keyhold/1/share\0', set, bytes).subarray(0, 4).toString('hex')
  return `keyhold-share-${set}-${bytes.toString('hex')}-${check}`
}

describe('a server sealed by shares', () => {
  beforeEach(() => {
    unsealing = startUnsealing(byShares.document)
  })

  it('is unsealed by the third share, and by none before', async () => {
    const sealed = { kind: 'shares', sealed: true, needed: 3, failures: 0 }
    expect(unsealing.progress()).toEqual({ ...sealed, given: 0 })
    expect(await share(two)).toEqual({ ...sealed, given: 1 })
    expect(await share(five)).toEqual({ ...sealed, given: 2 })
    expect(await isUnsealed()).toBe(false)
    expect(await share(one)).toEqual({ ...sealed, given: 0, sealed: false })
    expect(keyOf(await unsealing.rootKey)).toBe(keyOf(root))
    expect(unsealing.rootKeyId).toBe(root.id)
  })

  it('says that a share was given already, and does not count it', async () => {
    await share(one)
    await expect(share(one)).rejects.toThrow(
      new UnsealError('This share was given already: another one is needed.'),
    )
    await share(two)
    await expect(share(` ${one.toUpperCase()} `)).rejects.toThrow('given already')
    expect(unsealing.progress()).toMatchObject({ given: 2, failures: 0, sealed: true })
    expect(await share(three)).toMatchObject({ sealed: false })
  })

  it('keeps what was given when the next share has a typing error or is of another set', async () => {
    const other = await sealWithShares(root, 3, 3)
    await share(one)
    for (const [text, why] of [
      [two.replace(/.$/, (last) => (last === '0' ? '1' : '0')), 'typing error'],
      ['no share', 'This is no share'],
      [other.shares[0] as string, 'another set'],
    ] as const) {
      await expect(share(text)).rejects.toThrow(UnsealError)
      await expect(share(text)).rejects.toThrow(why)
    }
    expect(unsealing.progress()).toMatchObject({ given: 1, failures: 0 })
    await share(two)
    expect(await share(three)).toMatchObject({ sealed: false })
  })

  it('forgets all shares when one of them is wrong, and the right ones unseal afterwards', async () => {
    const wrong = await wrongShare()
    for (const order of [
      [wrong, one, two],
      [one, wrong, two],
      [one, two, wrong],
    ] as const) {
      await share(order[0])
      await share(order[1])
      await expect(share(order[2])).rejects.toThrow(new UnsealError(WRONG_SHARES))
      expect(unsealing.progress()).toMatchObject({ given: 0, sealed: true })
      expect(await isUnsealed()).toBe(false)
    }
    expect(unsealing.progress().failures).toBe(3)
    // None of the right ones given before counts any more.
    await share(three)
    expect(unsealing.progress().given).toBe(1)
    await share(four)
    expect(await share(five)).toMatchObject({ sealed: false, failures: 3 })
  })

  it('forgets all shares when two claim the same point', async () => {
    await share(four)
    await share(await wrongShare())
    await expect(share(one)).rejects.toThrow(WRONG_SHARES)
    expect(unsealing.progress()).toMatchObject({ given: 0, failures: 1, sealed: true })
  })

  it('forgets the shares given so far when told to', async () => {
    await share(one)
    await share(two)
    expect(await unsealing.reset()).toMatchObject({ given: 0, sealed: true, failures: 0 })
    await share(three)
    expect(unsealing.progress().given).toBe(1)
    await share(one)
    expect(await share(two)).toMatchObject({ sealed: false })
  })

  it('takes shares that come at the same moment one after the other', async () => {
    const answers = await Promise.all([one, two, three].map(share))
    expect(answers.map(({ given, sealed }) => [given, sealed])).toEqual([
      [1, true],
      [2, true],
      [0, false],
    ])
  })

  it('keeps a reset in its turn among shares that come at the same moment', async () => {
    const given = Promise.all([share(one), share(two), unsealing.reset(), share(three)])
    expect((await given).at(-1)).toMatchObject({ given: 1, sealed: true })
  })

  it('refuses a share when others at the same moment were wrong, and stays whole', async () => {
    const offers = await Promise.allSettled(
      [one, await wrongShare(), two, three, five, one].map(share),
    )
    expect(offers.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ])
    expect(keyOf(await unsealing.rootKey)).toBe(keyOf(root))
  })

  it('does not take a passphrase', async () => {
    await expect(passphrase(WORDS)).rejects.toThrow(
      new UnsealError('This server is sealed by shares.'),
    )
    expect(unsealing.progress()).toMatchObject({ sealed: true, failures: 0 })
  })

  it('zeroes every share that was offered, taken or refused', async () => {
    const buffers = [one, one, 'no share', await wrongShare(), two, three].map((text) =>
      Buffer.from(text),
    )
    for (const text of buffers) await unsealing.offer({ kind: 'share', text }).catch(() => {})
    for (const buffer of buffers) expect(buffer).toEqual(Buffer.alloc(buffer.length))
  })

  it('is not unsealed by fewer shares when the seal file was changed to ask for fewer', async () => {
    unsealing = startUnsealing({ ...byShares.document, threshold: 2 })
    await share(one)
    await expect(share(two)).rejects.toThrow(WRONG_SHARES)
    expect(await isUnsealed()).toBe(false)
  })

  it('is not unsealed where the wrapped root key was changed, or is of another installation', async () => {
    const other = await sealWithShares(newRootKey(), 5, 3)
    for (const changed of [
      { wrapped: other.document.wrapped },
      { rootKeyId: other.document.rootKeyId },
    ]) {
      unsealing = startUnsealing({ ...byShares.document, ...changed })
      await share(one)
      await share(two)
      await expect(share(three)).rejects.toThrow(WRONG_SHARES)
      expect(await isUnsealed()).toBe(false)
    }
  })
})

describe('a server sealed by a passphrase', () => {
  beforeEach(() => {
    unsealing = startUnsealing(byPassphrase)
  })

  it('is unsealed by the right one, and counts those that are not', async () => {
    for (const failures of [1, 2]) {
      await expect(passphrase('correct horse battery stable')).rejects.toThrow(
        new UnsealError('The passphrase is not the right one.'),
      )
      expect(unsealing.progress()).toEqual({
        kind: 'passphrase',
        sealed: true,
        given: 0,
        needed: 0,
        failures,
      })
    }
    expect(await isUnsealed()).toBe(false)
    expect(await passphrase(WORDS)).toMatchObject({ sealed: false, failures: 2 })
    expect(keyOf(await unsealing.rootKey)).toBe(keyOf(root))
  })

  it('is unsealed by the right one among several that come at the same moment', async () => {
    const offers = await Promise.allSettled(['wrong', WORDS, 'wrong'].map(passphrase))
    // Whoever comes after the right one hears that the server is unsealed.
    expect(offers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
    expect(unsealing.progress()).toMatchObject({ sealed: false, failures: 1 })
  })

  it('does not take a share', async () => {
    await expect(share(one)).rejects.toThrow('This server is sealed by a passphrase.')
  })

  it('says that the seal file makes guessing cheaper, and takes no passphrase for it', async () => {
    unsealing = startUnsealing({ ...byPassphrase, cost: { memoryKiB: 8, passes: 1, lanes: 1 } })
    const text = Buffer.from(WORDS)
    await expect(unsealing.offer({ kind: 'passphrase', text })).rejects.toThrow(
      /^The seal cannot be opened: needs: The cost of a passphrase is at least/,
    )
    expect(text).toEqual(Buffer.alloc(WORDS.length))
    expect(unsealing.progress()).toMatchObject({ sealed: true, failures: 0 })
  })
})

describe('a server whose root key lies in a file', () => {
  it('is not sealed, and takes nothing', async () => {
    unsealing = alreadyUnsealed(root)
    const state = { kind: 'file', sealed: false, given: 0, needed: 0, failures: 0 }
    expect(unsealing.progress()).toEqual(state)
    expect(await passphrase(WORDS)).toEqual(state)
    expect(await unsealing.reset()).toEqual(state)
    expect(await unsealing.rootKey).toBe(root)
  })
})
