// The compiled evaluation against a naive one that reads the documents anew each time, on generated
// policies and requests; and both parser and evaluator on garbage.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { authorize, explain } from './authorize.ts'
import { compilePolicyText } from './compiled-policy.ts'
import { contextOf } from './context.ts'
import { MalformedPolicyError } from './malformed-policy.ts'
import { parsePolicy } from './parser.ts'
import type { PolicyKind } from './policy-kinds.ts'
import { GRAMMARS } from './policy-kinds.ts'
import { principalKeys } from './principal.ts'
import { policy, scene } from './testing/arbitraries.ts'
import type { NaiveContext } from './testing/naive-conditions.ts'
import { naiveVerdict } from './testing/naive-decision.ts'
import type { Scene, SceneDemand } from './testing/scene.ts'
import { requestOf } from './testing/scene.ts'

/** The context of a scene as the naive evaluation keeps it. */
function naiveContext({ principal, context }: Scene, demand: SceneDemand): NaiveContext {
  const entries = [
    ...principalKeys(principal),
    ...Object.entries(context ?? {}),
    ...Object.entries(demand.context ?? {}),
  ]
  return new Map(
    entries.map(([key, value]) => {
      const multi = typeof value !== 'string'
      return [key.toLowerCase(), { values: multi ? [...value] : [value], multi, twice: false }]
    }),
  )
}

test('Compiled and naive evaluation agree on every generated policy and request', () => {
  const verdicts = new Map<string, number>()
  fc.assert(
    fc.property(scene, (generated) => {
      for (const demand of generated.demands) {
        const decision = authorize(requestOf(generated, demand))
        verdicts.set(decision.verdict, (verdicts.get(decision.verdict) ?? 0) + 1)
        const naive = naiveVerdict(generated, demand, naiveContext(generated, demand))
        expect(decision.verdict).toBe(naive)
      }
    }),
    { numRuns: 3000 },
  )
  // The generators reach every verdict, or the agreement would mean little.
  for (const verdict of ['allow', 'implicit-deny', 'explicit-deny']) {
    expect(verdicts.get(verdict) ?? 0).toBeGreaterThan(150)
  }
})

test('An explanation is the decision, with every statement looked at', () => {
  fc.assert(
    fc.property(scene, (generated) => {
      for (const demand of generated.demands) {
        const request = requestOf(generated, demand)
        const { statements, ...decision } = explain(request)
        expect(decision).toEqual(authorize(request))
        const { statement } = decision
        if (statement === undefined) continue
        expect(statements.some((one) => one.statement === statement && one.matches)).toBe(true)
      }
    }),
    { numRuns: 500 },
  )
})

const kinds = Object.keys(GRAMMARS) as PolicyKind[]

/** Documents damaged in one place: most are malformed, some are not. */
const damaged = fc
  .tuple(
    policy(true),
    fc.nat(),
    fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('"', '{', '}', ',')),
  )
  .map(([document, at, inserted]) => {
    const text = JSON.stringify(document)
    const place = at % (text.length + 1)
    return `${text.slice(0, place)}${inserted}${text.slice(place + (at % 3))}`
  })

test('The parser throws MalformedPolicyError and nothing else, whatever it reads', () => {
  const anything = fc.oneof(
    damaged,
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.json(),
    fc
      .array(fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\u', 'Statement', '1e9', ' '))
      .map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(anything, fc.constantFrom(...kinds), (text, kind) => {
      try {
        parsePolicy(text, kind)
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedPolicyError)
      }
    }),
    { numRuns: 3000 },
  )
})

test('What the parser accepts is what JSON.parse reads, when no name is given twice', () => {
  fc.assert(
    fc.property(policy(true), fc.constantFrom(undefined, 1, '\t'), (document, space) => {
      const text = JSON.stringify(document, undefined, space)
      expect(parsePolicy(text, 'resource').statements).toHaveLength(
        (JSON.parse(text) as { Statement: unknown[] }).Statement.length,
      )
    }),
  )
})

test('The evaluator never throws, whatever the request holds', () => {
  const text = fc.string({ unit: 'binary', maxLength: 30 })
  const context = fc.array(fc.tuple(text, fc.oneof(text, fc.array(text, { maxLength: 3 }))))
  fc.assert(
    fc.property(scene, text, text, context, (generated, action, resource, entries) => {
      for (const demand of generated.demands) {
        const request = requestOf(generated, { ...demand, action, resource })
        const strange = { ...request.demand, context: contextOf(entries, request.demand.context) }
        const decision = authorize({ ...request, demand: strange })
        expect(decision.allowed).toBe(decision.verdict === 'allow')
      }
    }),
    { numRuns: 1000 },
  )
})

test('A policy accepted as any kind compiles', () => {
  fc.assert(
    fc.property(damaged, fc.constantFrom(...kinds), (text, kind) => {
      let accepted = true
      try {
        parsePolicy(text, kind)
      } catch {
        accepted = false
      }
      if (accepted) compilePolicyText(text, kind, 'generated')
      else expect(() => compilePolicyText(text, kind, 'generated')).toThrow(MalformedPolicyError)
    }),
    { numRuns: 1000 },
  )
})
