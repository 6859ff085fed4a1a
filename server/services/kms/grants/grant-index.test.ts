// The index finds what looking at every grant would find.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { GrantOperation } from '../wire.ts'
import { admitsContext, type Grant, readConstraints } from './grant.ts'
import { grantIndex } from './grant-index.ts'

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

it('The index finds exactly the grants whose operation and constraints match', () => {
  fc.assert(
    fc.property(
      grants,
      context,
      fc.constantFrom<GrantOperation>('Encrypt', 'Sign'),
      (given, asked, operation) => {
        const all = given.map(({ equals, subset, ...rest }, at) => ({
          ...rest,
          id: String(at),
          constraints: readConstraints({
            EncryptionContextEquals: equals,
            EncryptionContextSubset: subset,
          }),
        })) as unknown as Grant[]
        const admitted = (found: readonly Grant[]) =>
          found
            .filter(({ constraints }) => admitsContext(constraints, asked))
            .map(({ id }) => id)
            .sort()
        const index = grantIndex(all)
        const permitting = all.filter((grant) => grant.operations.includes(operation))
        expect(admitted(index.candidates(operation, asked))).toEqual(admitted(permitting))
        expect(index.permitting(operation)).toEqual(permitting)
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
  const found = grantIndex(many).candidates('Decrypt', { tenant: 't', volume: '7', other: 'x' })
  expect(found.map(({ id }) => id)).toEqual(['7'])
})
