// Every member of every operation against its limits, and AWS's words for what is beyond them: `members.json`
// is what the API reference says of each.
import * as sdk from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AnyOperation } from '../../contract/operation.ts'
import { lowerFirst } from '../../schema/limits.ts'
import type { Shape } from '../../schema/shape.ts'
import { invalid, refusalOf } from '../../testing/refusal.ts'
import { type TestServer, testServer } from '../../testing/test-server.ts'
import reference from './members.json' with { type: 'json' }
import { kms as service } from './service.ts'
import { send } from './testing/calls.ts'

type Rule = {
  readonly length?: readonly number[]
  readonly range?: readonly number[]
  readonly pattern?: string
  readonly fit?: string
  readonly unfit?: string
  readonly enumeration?: string
  readonly each?: Rule
  /** Of members of its own. */
  readonly structure?: object
  readonly structures?: object
}

const rules: Readonly<Record<string, Rule | undefined>> = reference.members
const required: Readonly<Record<string, readonly string[] | undefined>> = reference.required
const enumerations = sdk as unknown as Readonly<Record<string, Readonly<Record<string, string>>>>

let server: TestServer
let kms: sdk.KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

const operations: readonly AnyOperation[] = Object.values(service.operations)

it('The reference has every operation, and no member that there is not', () => {
  const names = operations.map(({ schema }) => schema.name)
  expect(Object.keys(required).sort()).toEqual(names.sort())
  const members = operations.flatMap(({ schema: { name, input } }) =>
    input.members.flatMap((member) => [member.name, `${name}.${member.name}`]),
  )
  expect(members).toEqual(expect.arrayContaining(Object.keys(rules)))
})

describe.each(operations.map((operation) => [operation.schema.name, operation] as const))(
  '%s',
  (name, { schema }) => {
    const needed = required[name] ?? []
    const members = schema.input.members
    const least = Object.fromEntries(
      members
        .filter((member) => needed.includes(member.name))
        .map((member) => [member.name, fitting(ruleOf(name, member.name), member.shape())]),
    )

    it('is told of all members that it needs', async () => {
      if (needed.length === 0) return
      const problems = members
        .filter((member) => needed.includes(member.name))
        .map(({ name: member }) => problem('null ', member, 'Member must not be null'))
      expect(await refusalOf(send(kms, name, {}))).toEqual(invalid(...problems))
    })

    const limited = members.filter((member) => isScalar(ruleOf(name, member.name)))
    if (limited.length > 0) {
      it.each(limited.map((member) => [member.name, member] as const))(
        'is told of %s beyond its limits',
        async (member, { shape, sensitive }) => {
          const faults = faultsOf(ruleOf(name, member) as Rule, shape())
          expect(faults).not.toEqual([])
          for (const { value, sentence } of faults) {
            const isShown = !sensitive && shape().kind !== 'blob'
            const shown = isShown ? `'${display(value)}' ` : ''
            expect(await refusalOf(send(kms, name, { ...least, [member]: value }))).toEqual(
              invalid(problem(shown, member, sentence)),
            )
          }
        },
      )

      it('has no fault to find in members at the edge of their limits', async () => {
        const sent = limited.flatMap(({ name: member, shape }) =>
          atTheEdge(ruleOf(name, member) as Rule, shape()).map((value) => ({ member, value })),
        )
        const told = sent.map(async ({ member, value }) => {
          const answer = send(kms, name, { ...least, [member]: value })
          const message = await answer.then(() => '', String)
          expect(message).not.toMatch(`at '${lowerFirst(member)}' failed`)
        })
        await Promise.all(told)
      })
    }
  },
)

/** The rule of the member in this operation. */
function ruleOf(operation: string, member: string): Rule | undefined {
  return rules[`${operation}.${member}`] ?? rules[member]
}

/** Whether the rule is of the value itself: those of structures are tested where there are such. */
function isScalar(rule: Rule | undefined): boolean {
  return rule !== undefined && rule.structure === undefined && rule.structures === undefined
}

function wordsOf(enumeration: string): readonly string[] {
  return Object.values(enumerations[enumeration] ?? {})
}

function sentencesOf({ length, range, pattern, enumeration, each }: Rule) {
  return {
    tooLong: `Member must have length less than or equal to ${length?.[1]}`,
    tooShort: `Member must have length greater than or equal to ${length?.[0]}`,
    tooLarge: `Member must have value less than or equal to ${range?.[1]}`,
    tooSmall: `Member must have value greater than or equal to ${range?.[0]}`,
    pattern: `Member must satisfy regular expression pattern: ${pattern}`,
    enumeration: `Member must satisfy enum value set: [${wordsOf(enumeration ?? '').join(', ')}]`,
    each: each && `Member must satisfy constraint: [${eachSentences(each).join(', ')}]`,
  }
}

function eachSentences(rule: Rule): readonly string[] {
  const { tooLong, tooShort, enumeration } = sentencesOf(rule)
  return rule.length === undefined ? [enumeration] : [tooLong, tooShort]
}

type Fault = { readonly value: unknown; readonly sentence: string }

/** Values that break one rule each. */
function faultsOf(rule: Rule, shape: Shape): readonly Fault[] {
  const { length: [min = 0, max = 0] = [], range, each } = rule
  const says = sentencesOf(rule)
  const faults: Fault[] = []
  if (rule.length !== undefined) {
    faults.push({ value: ofLength(max + 1, rule, shape), sentence: says.tooLong })
    if (min > 0) faults.push({ value: ofLength(min - 1, rule, shape), sentence: says.tooShort })
  }
  if (range !== undefined) {
    const [least = 0, most = 0] = range
    faults.push({ value: most + 1, sentence: says.tooLarge })
    faults.push({ value: least - 1, sentence: says.tooSmall })
  }
  if (rule.unfit !== undefined) faults.push({ value: rule.unfit, sentence: says.pattern })
  if (rule.enumeration !== undefined) faults.push({ value: 'NONE', sentence: says.enumeration })
  if (each !== undefined && says.each !== undefined) {
    for (const { value } of faultsOf(each, { kind: 'string', sensitive: false })) {
      faults.push({ value: [value], sentence: says.each })
    }
  }
  return faults
}

/** The shortest and longest, smallest and largest values. */
function atTheEdge(rule: Rule, shape: Shape): readonly unknown[] {
  if (rule.range !== undefined) return rule.range
  if (rule.length === undefined || rule.fit !== undefined) return [fitting(rule, shape)]
  return rule.length.map((length) => ofLength(length, rule, shape))
}

function ofLength(length: number, { fit, each }: Rule, shape: Shape): unknown {
  if (shape.kind === 'blob') return Buffer.alloc(length)
  if (shape.kind === 'list') return Array(length).fill(fitting(each, shape.member))
  // A pattern may hold some values to another length than this: too long and too short are told first.
  return (fit ?? 'a').slice(0, length).padEnd(length, 'a')
}

function fitting(rule: Rule | undefined, shape: Shape): unknown {
  if (rule?.fit !== undefined) return rule.fit
  if (rule?.range !== undefined) return rule.range[0]
  if (rule?.enumeration !== undefined) return wordsOf(rule.enumeration)[0]
  if (shape.kind === 'list') return [fitting(rule?.each, shape.member)]
  if (shape.kind === 'structure') return { TagKey: 'a', TagValue: '' }
  return ofLength(Math.max(1, rule?.length?.[0] ?? 0), rule ?? {}, shape)
}

function problem(value: string, member: string, sentence: string): string {
  return `Value ${value}at '${lowerFirst(member)}' failed to satisfy constraint: ${sentence}`
}

function display(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value)
}
