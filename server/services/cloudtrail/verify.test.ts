// What verification notices of a trail whose bytes were changed, or that others wrote. What is missing from it:
// verify-missing.test.ts.
import { describe, expect, it } from 'vitest'
import { dialects } from '../../storage/testing/dialects.ts'
import { batchFormer } from './batch-former.ts'
import { batchLine, type HeadKeys, headOf } from './chain.ts'
import { recordOf, threeChains } from './testing/three-chains.ts'
import { newHeadKeys, openTestedTrail, verifyJournal } from './testing/trail-parts.ts'

describe.each(dialects)('Verification on $name', (dialect) => {
  it('finds nothing wrong with what was written', async () => {
    const { verify } = await threeChains(dialect)
    const { texts, ...verified } = await verify()
    expect(verified).toMatchObject({
      valid: true,
      problems: [],
      chains: 3,
      records: 12,
      tornBytes: 0,
      areMacsVerified: true,
      unsigned: [],
    })
    expect([...texts].sort()[0]).toBe(recordOf('a1'))
    expect(await verify(verified.checkpoint)).toMatchObject({ valid: true })
  })

  it.each([
    ['in the first record of a batch', 1, 'a1', 'aX'],
    ['in the last record of a batch', 1, 'a2', 'aX'],
    ['in a record of the last records', 3, 'a4', 'aX'],
    ['in the opening', 0, '"format":1', '"format":2'],
  ])('notices a byte changed %s', async (_where, number, from, to) => {
    const { first, verify, edit } = await threeChains(dialect)
    await edit(first, number, (text) => text.replace(from, to))
    const { valid, problems } = await verify()
    expect(valid).toBe(false)
    expect(problems).toContain(
      `chain ${first}: the records of batch ${number} are not those that were written`,
    )
  })

  it('notices a byte changed in a head, in its number, its count, its MAC and its signature', async () => {
    const { first, verify, edit, batches, replace } = await threeChains(dialect)
    const original = await batches(first)
    const other = (_: string, before: string, digit: string) => `${before}${digit === '0' ? 1 : 0}`
    const cases: [number, (text: string) => string, RegExp][] = [
      [2, (text) => text.replace(/("head":")(.)/, other), /are not those/],
      [2, (text) => text.replace('"number":2', '"number":3'), /batch 2 is missing; batch 3 stands/],
      [2, (text) => text.replace('"records":1', '"records":2'), /does not bear this/],
      [2, (text) => text.replace(/("mac":")(.)/, other), /does not bear this/],
      [4, (text) => text.replace(/("mac":")(.)/, other), /does not bear this/],
      [4, (text) => text.replace('"records":0', '"records":1'), /is not signed by this/],
      [4, (text) => text.replace(/("signature":")(.)/, other), /is not signed by this/],
      // The last character of base64 says less than it could: others mean the same bytes.
      [
        4,
        (text) => text.replace(/.(?===")/, (last) => (last === 'A' ? 'B' : 'A')),
        /is not signed/,
      ],
      [4, (text) => text.replace('"records":0', '"records": 0'), /not written as this server/],
    ]
    for (const [number, change, problem] of cases) {
      await edit(first, number, change)
      const { valid, problems } = await verify()
      expect([valid, problems[0]]).toEqual([false, expect.stringMatching(problem)])
      await replace(first, original)
    }
    expect((await verify()).valid).toBe(true)
  })

  it('notices every changed byte with the public key alone, up to the last signature', async () => {
    const { first, verifySignatures, batches, replace } = await threeChains(dialect)
    const original = await batches(first)
    expect(await verifySignatures()).toMatchObject({
      valid: true,
      areMacsVerified: false,
      unsigned: [],
    })
    for (const [number, batch] of original.slice(0, 4).entries()) {
      for (let at = number; at < batch.length; at += 37) {
        const changed = Buffer.from(batch)
        changed[at] = (changed[at] as number) ^ 1
        await replace(first, original.with(number, changed))
        expect([number, at, (await verifySignatures()).valid]).toEqual([number, at, false])
      }
    }
  })

  it('notices a closed chain whose last signature was taken away', async () => {
    const { last, verify, edit } = await threeChains(dialect)
    await edit(last, 4, (text) => text.replace(/,"signature":"[^"]*"/, ''))
    expect((await verify()).problems).toEqual([
      `chain ${last}: was closed, but its last head is not signed`,
    ])
  })

  describe('Behind the last signature', () => {
    /** The last chain as it stands when its process is killed before it signs. */
    async function killed() {
      const made = await threeChains(dialect)
      const { last, batches, replace, unclose } = made
      await unclose(last)
      await replace(last, (await batches(last)).slice(0, 4))
      return made
    }

    it('the records are counted, whether their MACs are verified or not', async () => {
      const { last, verify, verifySignatures } = await killed()
      const unsigned = [{ chain: last, signedBatch: 0, records: 4 }]
      expect(await verify()).toMatchObject({ valid: true, areMacsVerified: true, unsigned })
      expect(await verifySignatures()).toMatchObject({
        valid: true,
        areMacsVerified: false,
        unsigned,
      })
    })

    it('a forged record shows by its MAC, and the public key alone does not claim otherwise', async () => {
      const { keys, last, verify, verifySignatures, batches, replace } = await killed()
      const [opening, records] = (await batches(last)) as [Buffer, Buffer]
      const before = opening.subarray(opening.indexOf('{"batch":'))
      const lines = Buffer.from(`${recordOf('forged')}\n`)
      const head = headOf(Buffer.concat([before, lines]))
      const foreign = { ...keys, macKey: newHeadKeys().macKey }
      const line = Buffer.from(batchLine(foreign, last, 1, 1, head, false))
      await replace(last, [opening, Buffer.concat([lines, line])])
      expect((await verify()).problems).toEqual([
        `chain ${last}: the head of batch 1 does not bear this installation's MAC`,
      ])
      expect((await verifySignatures()).unsigned).toEqual([
        { chain: last, signedBatch: 0, records: 1 },
      ])
      await replace(last, [opening, records])
      expect((await verify()).valid).toBe(true)
    })

    it('the next opening signs by naming the head, but only a head that is genuine', async () => {
      const { storage, journal, keys, last, verifySignatures, batches, replace } = await killed()
      const original = await batches(last)
      await edited()
      const foreign = await openTestedTrail(storage, journal, keys)
      await foreign.close()
      await replace(last, original)
      expect((await verifySignatures()).unsigned).toHaveLength(1)
      const next = await openTestedTrail(storage, journal, keys)
      expect(await verifySignatures()).toMatchObject({ valid: true, unsigned: [] })
      await next.close()

      async function edited() {
        const changed = (original[3] as Buffer).toString('latin1').replace(/"mac":"./, '"mac":"x')
        await replace(last, original.with(3, Buffer.from(changed, 'latin1')))
      }
    })
  })

  it('notices a byte changed anywhere in a chain that a later one named', async () => {
    const { first, verify, batches, replace } = await threeChains(dialect)
    const original = await batches(first)
    for (const [number, batch] of original.entries()) {
      for (let at = 0; at < batch.length; at += 37) {
        const changed = Buffer.from(batch)
        changed[at] = (changed[at] as number) ^ 1
        await replace(first, original.with(number, changed))
        expect([number, at, (await verify()).valid]).toEqual([number, at, false])
      }
    }
  })

  it('notices a batch that other keys vouch for', async () => {
    const { keys, last, verify, replace, batches } = await threeChains(dialect)
    const original = await batches(last)
    const lines = Buffer.from(`${recordOf('forged')}\n`)
    const head = headOf(Buffer.concat([original[4] as Buffer, lines]))
    const other = newHeadKeys()
    const signer = 'is not signed by this'
    const author = 'does not bear this'
    const cases: [HeadKeys, boolean, string][] = [
      [other, true, signer],
      [{ ...keys, signingKey: other.signingKey }, true, signer],
      [{ ...keys, macKey: other.macKey }, true, author],
      [{ ...keys, macKey: other.macKey }, false, author],
    ]
    for (const [foreign, isSigned, problem] of cases) {
      const line = batchLine(foreign, last, 5, 1, head, isSigned)
      await replace(last, [...original, Buffer.concat([lines, Buffer.from(line)])])
      const { problems, texts } = await verify()
      expect(problems).toEqual([expect.stringContaining(`batch 5 ${problem} installation's`)])
      expect(texts).not.toContain(recordOf('forged'))
    }
  })

  it('notices a signature that belongs to another batch', async () => {
    const { last, verify, edit, batches } = await threeChains(dialect)
    const other = /"signature":"([^"]*)"/.exec((await batches(last))[0]?.toString() ?? '')?.[1]
    await edit(last, 4, (text) => text.replace(/"signature":"[^"]*"/, `"signature":"${other}"`))
    expect((await verify()).problems[0]).toContain('is not signed')
  })

  it('notices a chain with records that this installation never opened', async () => {
    const { keys, verify, replace } = await threeChains(dialect)
    // Even signed with the right key, as by a copy of this installation.
    const chain = '00000000-0000-4000-8000-000000000000'
    const form = batchFormer(chain, keys)
    const opening = `{"opening":{"chain":"${chain}","format":1,"publicKey":"","previous":[]}}\n`
    const first = Buffer.from(form(opening, 0, true).lines)
    const second = Buffer.from(form(`${recordOf('foreign')}\n`, 1, true).lines)
    await replace(chain, [first, second])
    expect((await verify()).problems).toEqual([
      `chain ${chain}: was never opened by this installation`,
    ])
  })

  it('does not mind what an interrupted start left: an opening, or a piece of one', async () => {
    const { journal, storage, keys, first, verify, replace, batches } = await threeChains(dialect)
    const chain = '00000000-0000-4000-8000-000000000000'
    const opening = Buffer.from(
      `{"opening":{"chain":"${chain}","format":1,"publicKey":"","previous":[]}}\n`,
    )
    const { lines } = batchFormer(chain, keys)(opening.toString(), 0, true)
    await replace(chain, [Buffer.from(lines)])
    expect((await verify()).valid).toBe(true)
    await replace(chain, [opening.subarray(0, 30)])
    expect(await verify()).toMatchObject({ valid: true, tornBytes: 30 })
    // A chain that was opened has its opening.
    await replace(
      first,
      (await batches(first)).slice(0, 1).map((bytes) => bytes.subarray(0, 30)),
    )
    expect((await verifyJournal(storage, journal, keys)).problems).toContain(
      `chain ${first}: has no complete batch`,
    )
  })

  it('does not believe the key that a chain brings along', async () => {
    const { journal, storage, verify } = await threeChains(dialect)
    expect((await verify()).valid).toBe(true)
    const { problems } = await verifyJournal(storage, journal, newHeadKeys())
    expect(problems).toHaveLength(6)
    expect(problems[0]).toContain("is not signed by this installation's key")
  })
})
