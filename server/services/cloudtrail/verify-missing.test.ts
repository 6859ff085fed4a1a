// What verification notices of a trail from which something was taken, or in which it was moved; and what it
// cannot without a checkpoint.
import { describe, expect, it } from 'vitest'
import { dialects } from '../../storage/testing/dialects.ts'
import { threeChains } from './testing/three-chains.ts'

describe.each(dialects)('What is missing from a trail on $name', (dialect) => {
  it('notices a record that was removed, doubled or put before another', async () => {
    const { first, verify, edit, batches, replace } = await threeChains(dialect)
    const original = await batches(first)
    const lines = (text: string) => text.split('\n')
    for (const change of [
      (text: string) => lines(text).toSpliced(0, 1).join('\n'),
      (text: string) => lines(text).toSpliced(1, 1).join('\n'),
      (text: string) =>
        lines(text)
          .toSpliced(0, 0, lines(text)[0] ?? '')
          .join('\n'),
      (text: string) => [lines(text)[1], lines(text)[0], ...lines(text).slice(2)].join('\n'),
    ]) {
      await edit(first, 1, change)
      expect((await verify()).problems).toContain(
        `chain ${first}: the records of batch 1 are not those that were written`,
      )
      await replace(first, original)
    }
  })

  it('notices a batch that was removed, and two that changed places', async () => {
    const { middle, verify, batches, replace } = await threeChains(dialect)
    const original = await batches(middle)
    await replace(middle, original.toSpliced(2, 1))
    expect((await verify()).problems[0]).toBe(
      `chain ${middle}: batch 2 is missing; batch 3 stands in its place`,
    )
    const [opening, one, two, ...rest] = original as [Buffer, Buffer, Buffer, Buffer]
    await replace(middle, [opening, two, one, ...rest])
    expect((await verify()).valid).toBe(false)
    await replace(middle, original.slice(1))
    expect((await verify()).valid).toBe(false)
  })

  it('notices a chain that was removed, whether the first, the middle or the last', async () => {
    const { first, middle, last, verify, replace, batches } = await threeChains(dialect)
    for (const chain of [first, middle, last]) {
      const original = await batches(chain)
      await replace(chain, undefined)
      const { valid, problems } = await verify()
      expect(valid).toBe(false)
      expect(problems).toContain(`chain ${chain}: missing, but it was opened`)
      await replace(chain, original)
    }
    expect((await verify()).valid).toBe(true)
  })

  it('notices chains that were exchanged for each other', async () => {
    const { first, last, verify, replace, batches } = await threeChains(dialect)
    const [ofFirst, ofLast] = [await batches(first), await batches(last)]
    await replace(first, ofLast)
    await replace(last, ofFirst)
    const { problems } = await verify()
    for (const chain of [first, last]) {
      expect(problems).toContain(
        `chain ${chain}: the records of batch 0 are not those that were written`,
      )
    }
  })

  it('counts an append that was torn off, which nobody was told of, and finds the rest whole', async () => {
    const { last, verify, replace, batches } = await threeChains(dialect)
    const original = await batches(last)
    const torn = (original[1] as Buffer).subarray(0, 40)
    await replace(last, [...original, torn])
    expect(await verify()).toMatchObject({ valid: true, tornBytes: 40, records: 12 })
  })

  it('notices a tail that was cut off when a later chain named it', async () => {
    const { first, verify, replace, batches } = await threeChains(dialect)
    await replace(first, (await batches(first)).slice(0, 3))
    const { valid, problems } = await verify()
    expect(valid).toBe(false)
    expect(problems).toContainEqual(
      expect.stringMatching(`chain ${first}: ends before batch 4, which chain `),
    )
  })

  it('notices a tail cut off a chain that was closed in good order', async () => {
    const { last, verify, replace, batches } = await threeChains(dialect)
    await replace(last, (await batches(last)).slice(0, 3))
    expect((await verify()).problems).toEqual([
      `chain ${last}: ends before batch 4, at which it was closed`,
    ])
  })

  it('notices a tail cut off the last chain of a killed process against a checkpoint, and only so', async () => {
    const { last, verify, replace, batches, unclose } = await threeChains(dialect)
    await unclose(last)
    const { checkpoint } = await verify()
    await replace(last, (await batches(last)).slice(0, 3))
    expect((await verify()).valid).toBe(true)
    expect(await verify(checkpoint)).toMatchObject({
      valid: false,
      problems: [`chain ${last}: ends before batch 4, which the checkpoint names`],
    })
  })

  it('notices another history than the one that the checkpoint saw', async () => {
    const { last, verify } = await threeChains(dialect)
    const { checkpoint } = await verify()
    const other = checkpoint.map((head) =>
      head.chain === last ? { ...head, head: '0'.repeat(64) } : head,
    )
    expect((await verify(other)).problems).toEqual([
      `chain ${last}: batch 4 is not the one that the checkpoint names`,
    ])
    const gone = { chain: '00000000-0000-4000-8000-000000000000', batch: 7, head: '0'.repeat(64) }
    expect((await verify([gone])).problems).toEqual([
      `chain ${gone.chain}: ends before batch 7, which the checkpoint names`,
    ])
  })
})
