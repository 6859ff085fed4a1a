// Ways to spoil a request: before it is signed, so that it gets past authentication, or after.
import * as sdk from '@aws-sdk/client-kms'
import fc from 'fast-check'
import { operationSchema } from '../../schema/operation-schema.ts'

export type Mutation = {
  /** What is spoiled. Everything but `wire`, `cut` and `signature` is rightly signed afterwards. */
  readonly kind:
    | 'untouched'
    | 'wire'
    | 'cut'
    | 'signature'
    | 'text'
    | 'value'
    | 'blob'
    | 'target'
    | 'type'
    | 'noise'
    | 'form'
  /** Which of the valid requests is spoiled. */
  readonly base: number
  readonly edits: readonly Edit[]
  readonly member: string
  readonly value: string
  readonly text: string
}

type Edit = {
  readonly at: number
  readonly how: 'set' | 'insert' | 'delete' | 'repeat'
  readonly byte: number
}

// biome-ignore format: one literal a line would be pages.
const ODD_VALUES = [
  'null', 'true', '0', '-0', '-1', '1.5', '1e999', '-1e999', '1e-999', '4294967296', '""', '"\\u0000"',
  '"\\ud800"', '"\\ufeff"', '" "', '"AAAA"', '"AAA"', '"A==="', '"\\u0141AAA"', '[]', '[[]]', '[null]',
  '["a"]', '[1]', '{}', '{"a":null}', '{"a":"b"}', '{"a":1}', '{"":""}', '{"__proto__":"x"}',
  '{"__proto__":{"a":"b"}}', '{"constructor":"x","toString":"y"}', '{"\\ud800":"x"}', '"__proto__"',
  '"SYMMETRIC_DEFAULT"', '"RSAES_OAEP_SHA_1"', '"AES_256"', '"alias/none"', '"alias/"', '"arn:aws:kms"',
  '"arn:aws:kms:us-east-1:111122223333:key/00000000-0000-4000-8000-000000000000"',
  '"arn:aws:kms:us-east-1:444455556666:key/00000000-0000-4000-8000-000000000000"',
  '"arn:aws:kms:eu-west-1:111122223333:alias/x"', '"mrk-00000000000000000000000000000000"',
  '"\' OR 1=1 --"', '"../../etc/passwd"', '"<script>"', '"%00"',
  `"${'x'.repeat(2049)}"`, `"${'A'.repeat(8192)}"`, `"${'AAAA'.repeat(1025)}"`,
  `[${'"t",'.repeat(10)}"t"]`, `{${Array.from({ length: 200 }, (_, at) => `"k${at}":"${'v'.repeat(50)}"`).join()}}`,
  `${'['.repeat(5000)}${']'.repeat(5000)}`, `{"AttestationDocument":"AAAA"}`,
]

const MEMBERS = [
  ...new Set(
    [
      sdk.Encrypt$,
      sdk.Decrypt$,
      sdk.GenerateDataKey$,
      sdk.CreateKey$,
      sdk.ListKeys$,
      sdk.GenerateRandom$,
    ]
      .flatMap((schema) => operationSchema(schema).input.members)
      .map(({ name }) => name),
  ),
  '__proto__',
  'constructor',
  'Nothing',
]

const TARGETS = [
  'TrentService.',
  'TrentService',
  'TrentService.CreateKey ',
  'TrentService.encrypt',
  'Encrypt',
  '',
  'TrentService.__proto__',
  'TrentService.Sign',
  'AWSSecurityTokenServiceV20110615.GetCallerIdentity',
  'TrentService.Encrypt.Encrypt',
  'TrentService.GetKeyPolicy',
  'TrentService.ScheduleKeyDeletion',
]

const TYPES = [
  'application/json',
  'application/x-amz-json-1.0',
  'application/x-amz-json-1.1;charset=latin1',
  '',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'text/xml',
  'application/x-amz-json-1.1,x',
]

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('set', 'insert', 'delete', 'repeat'),
  byte: fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(...Buffer.from('{}[]":,\\0-e.\r\n =/+%&')),
  ),
})

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.oneof(
    ...(
      [
        [1, 'untouched'],
        [5, 'wire'],
        [1, 'cut'],
        [2, 'signature'],
        [8, 'text'],
        [12, 'value'],
        [4, 'blob'],
        [2, 'target'],
        [2, 'type'],
        [2, 'noise'],
        [3, 'form'],
      ] as const
    ).map(([weight, kind]) => ({ weight, arbitrary: fc.constant(kind) })),
  ),
  base: fc.nat(),
  edits: fc.array(edit, { minLength: 1, maxLength: 5 }),
  member: fc.constantFrom(...MEMBERS),
  value: fc.constantFrom(...ODD_VALUES),
  text: fc.oneof(fc.constantFrom(...TARGETS, ...TYPES), fc.string({ maxLength: 60 })),
})

export { TARGETS, TYPES }

/** The bytes with the edits applied, one after the other, each somewhere in the bytes. */
export function edited(bytes: Buffer, edits: readonly Edit[]): Buffer {
  let result = bytes
  for (const { at, how, byte } of edits) {
    const where = result.length === 0 ? 0 : at % result.length
    const rest = { set: 1, insert: 0, delete: 1, repeat: 0 }[how]
    const middle =
      how === 'repeat'
        ? result.subarray(where, where + 40)
        : Buffer.from(how === 'delete' ? [] : [byte])
    result = Buffer.concat([result.subarray(0, where), middle, result.subarray(where + rest)])
  }
  return result
}

/** The JSON object with one member replaced or added, as text: the value may be anything at all. */
export function withMember(body: string, member: string, value: string): string {
  const entries = Object.entries(JSON.parse(body) as Record<string, unknown>)
    .filter(([name]) => name !== member)
    .map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`)
  return `{${[...entries, `${JSON.stringify(member)}:${value}`].join()}}`
}
