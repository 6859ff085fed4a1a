// The index finds what looking at every grant would find.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { GrantOperation } from '../wire.ts'
import { admitsContext, type Grant, readConstraints } from './grant.ts'
import { grantIndex } from './grant-index.ts'

function indexOf(grants: readonly Grant[]) {
  const index = grantIndex()
  index.add(grants)
  return index
}

const context = fc.dictionary(
  fc.constantFrom('a', 'b', '__proto__', 'aa'),
  fc.constantFrom('1', '2', 'a1'),
  {
    maxKeys: 3,
  },
)
const operations = fc.subarray<GrantOperation>(['Encrypt', 'Decrypt', 'CreateGrant'], {
  minLength: 1,
})
const grants = fc.array(
  fc.record({
    operations,
    equals: fc.option(context, { nil: undefined }),
    subset: fc.option(context, { nil: undefined }),
  }),
  { maxLength: 12 },
)

it('The index finds exactly the grants that are left whose operation and constraints match', () => {
  fc.assert(
    fc.property(
      grants,
      fc.func(fc.constantFrom('stays', 'goes', 'comes late')),
      context,
      fc.constantFrom<GrantOperation>('Encrypt', 'Sign'),
      (given, lot, asked, operation) => {
        const all = given.map(({ equals, subset, ...rest }, at) => ({
          ...rest,
          id: String(at),
          constraints: readConstraints({
            EncryptionContextEquals: equals,
            EncryptionContextSubset: subset,
          }),
        })) as unknown as Grant[]
        const admitted = (found: Iterable<Grant>) =>
          [...found]
            .filter(({ constraints }) => admitsContext(constraints, asked))
            .map(({ id }) => id)
            .sort()
        const late = all.filter(({ id }) => lot(id) === 'comes late')
        const gone = all.filter(({ id }) => lot(id) === 'goes')
        const index = indexOf(all.filter((grant) => !late.includes(grant)))
        for (const { id } of gone) index.remove(id)
        for (const grant of late)
          index.add([grant, grant, ...all.filter((one) => lot(one.id) === 'stays')])
        const left = all.filter((grant) => !gone.includes(grant))
        const permitting = left.filter((grant) => grant.operations.includes(operation))
        expect(admitted(index.candidates(operation, asked))).toEqual(admitted(permitting))
        expect(new Set(index.permitting(operation))).toEqual(new Set(permitting))
        expect([...index.permitting(operation)]).toHaveLength(permitting.length)
      },
    ),
  )
})

it('The index looks at few of many grants that differ in one pair only', () => {
  const many = Array.from({ length: 1000 }, (_, at) => ({
    id: String(at),
    operations: ['Decrypt'],
    constraints: readConstraints({ EncryptionContextSubset: { tenant: 't', volume: String(at) } }),
  })) as unknown as Grant[]
  const found = indexOf(many).candidates('Decrypt', { tenant: 't', volume: '7', other: 'x' })
  expect([...found].map(({ id }) => id)).toEqual(['7'])
})

it('The index forgets how often a pair was with the grants that had it', () => {
  const withPairs = (id: string, pairs: Record<string, string>) =>
    ({
      id,
      operations: ['Decrypt'],
      constraints: readConstraints({ EncryptionContextSubset: pairs }),
    }) as unknown as Grant
  const old = Array.from({ length: 9 }, (_, at) => withPairs(`old-${at}`, { a: '1' }))
  const index = indexOf(old)
  for (const { id } of old) index.remove(id)
  index.add(Array.from({ length: 3 }, (_, at) => withPairs(`b-${at}`, { b: '1' })))
  index.add([withPairs('new', { a: '1', b: '1' })])
  const found = index.candidates('Decrypt', { a: '1' })
  expect([...found].map(({ id }) => id)).toEqual(['new'])
})
