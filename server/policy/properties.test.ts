// What must hold for every policy and every request, whatever they say.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parsePolicy } from './parser.ts'
import { printPolicy } from './policy-document.ts'
import { policy, scene, statement } from './testing/arbitraries.ts'
import type { Document, Scene } from './testing/scene.ts'
import { decide } from './testing/scene.ts'

type Statement = Readonly<Record<string, unknown>>
type Policy = { readonly Version?: string; readonly Statement: Statement | readonly Statement[] }

const statementsOf = (document: Document): Statement[] => {
  const { Statement } = document as Policy
  return Array.isArray(Statement) ? [...Statement] : [Statement as Statement]
}

const verdict = (one: Scene) => decide(one).decision.verdict

/** The scene with every policy of it rewritten. */
function rewritten(one: Scene, rewrite: (document: Document) => Document): Scene {
  const rewriteLevels = (control: Scene['serviceControl']) =>
    control && { ...control, levels: control.levels.map((level) => level.map(rewrite)) }
  return {
    ...one,
    identity: (one.identity ?? []).map(rewrite),
    boundary: one.boundary ? rewrite(one.boundary) : null,
    session: one.session ? one.session.map(rewrite) : null,
    endpoint: one.endpoint ? rewrite(one.endpoint) : null,
    serviceControl: rewriteLevels(one.serviceControl) ?? null,
    demands: one.demands.map((demand) => ({
      ...demand,
      policy: demand.policy ? rewrite(demand.policy) : null,
      resourceControl: rewriteLevels(demand.resourceControl) ?? null,
    })),
  }
}

test('Adding a Deny anywhere never turns a denial into an allow', () => {
  const added = fc.record({ without: statement(false), named: statement(true), at: fc.nat(3) })
  fc.assert(
    fc.property(scene, added, (one, { without, named, at }) => {
      const denying = (document: Document, more: Statement): Document => ({
        ...document,
        Statement: [...statementsOf(document), { ...more, Effect: 'Deny' }],
      })
      const more: Scene[] = [
        { ...one, identity: (one.identity ?? []).map((document) => denying(document, without)) },
        { ...one, boundary: one.boundary ? denying(one.boundary, without) : null },
        { ...one, session: one.session ? one.session.map((each) => denying(each, without)) : null },
        {
          ...one,
          demands: one.demands.map((demand) => ({
            ...demand,
            policy: demand.policy ? denying(demand.policy, named) : null,
          })),
        },
      ]
      if (verdict(one) !== 'allow') expect(verdict(more[at] ?? one)).not.toBe('allow')
    }),
    { numRuns: 2000 },
  )
})

test('Adding an Allow to an identity policy never turns an allow into a denial', () => {
  fc.assert(
    fc.property(scene, statement(false), (one, more) => {
      const allowing = { Version: '2012-10-17', Statement: { ...more, Effect: 'Allow' } }
      const added = { ...one, identity: [...(one.identity ?? []), allowing] }
      if (verdict(one) === 'allow') expect(verdict(added)).toBe('allow')
    }),
    { numRuns: 2000 },
  )
})

/** Reverses the order of statements and of every list of values, and of all members. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed).reverse()
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, inside]) => [name, reversed(inside)])
      .reverse(),
  )
}

test('The order of statements, values and members never matters', () => {
  fc.assert(
    fc.property(scene, (one) => {
      const other = rewritten(one, (document) => reversed(document) as Document)
      const turned = { ...other, identity: [...(other.identity ?? [])].reverse() }
      expect(verdict(turned)).toBe(verdict(one))
    }),
    { numRuns: 2000 },
  )
})

/** Puts every single value into a list of one, and takes every list of one apart. */
function rewrapped(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.length === 1 ? rewrapped(value[0], '') : value
  if (name === 'Condition' || /^[A-Z]\w*(:|If|$)/.test(name) === false) return value
  return typeof value === 'string' && !['Effect', 'Version', 'Principal'].includes(name)
    ? [value]
    : value
}

test('A single value is the same as a list of it', () => {
  fc.assert(
    fc.property(scene, (one) => {
      const other = rewritten(one, (document) => {
        const statements = statementsOf(document).map((each) =>
          Object.fromEntries(
            Object.entries(each).map(([name, value]) => [name, rewrapped(value, name)]),
          ),
        )
        return { ...document, Statement: statements.length === 1 ? statements[0] : statements }
      })
      expect(verdict(other)).toBe(verdict(one))
    }),
    { numRuns: 1000 },
  )
})

test('White space never matters', () => {
  fc.assert(
    fc.property(policy(true), fc.constantFrom('\t', '   ', '\n'), (document, space) => {
      const tight = parsePolicy(JSON.stringify(document), 'resource')
      const loose = parsePolicy(JSON.stringify(document, undefined, space), 'resource')
      expect({ ...loose, length: 0 }).toEqual({ ...tight, length: 0 })
    }),
  )
})

test('A policy printed and read again decides as before', () => {
  fc.assert(
    fc.property(scene, (one) => {
      const other = rewritten(one, (document) => {
        const text = JSON.stringify(document)
        const kind = text.includes('rincipal"') ? 'resource' : 'identity'
        return JSON.parse(printPolicy(parsePolicy(text, kind))) as Document
      })
      expect(verdict(other)).toBe(verdict(one))
    }),
    { numRuns: 1000 },
  )
})

test('An identity policy that speaks of nothing asked for changes nothing', () => {
  const silent: Document = {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: 'none:Nothing', Resource: 'arn:aws:none:::nothing' },
  }
  fc.assert(
    fc.property(scene, (one) => {
      expect(verdict({ ...one, identity: [silent, ...(one.identity ?? [])] })).toBe(verdict(one))
    }),
    { numRuns: 500 },
  )
})

test('No boundary, session policy or control policy ever turns a denial into an allow', () => {
  const layer = fc.record({
    which: fc.constantFrom('boundary', 'session', 'serviceControl'),
    document: policy(false),
  })
  fc.assert(
    fc.property(scene, layer, (one, { which, document }) => {
      // A federated user without a session policy has nothing: there, one does give.
      fc.pre(one.principal.kind !== 'federated-user' || which !== 'session')
      if (one[which as keyof Scene] || verdict(one) === 'allow') return
      const added = {
        boundary: { boundary: document },
        session: { session: [document] },
        serviceControl: {
          serviceControl: { managementAccount: '999900001111', levels: [[document]] },
        },
      }[which]
      expect(verdict({ ...one, ...added })).not.toBe('allow')
    }),
    { numRuns: 1000 },
  )
})
