// The decision corpus: seventy decided cases, as data, each with its source. [N] in a source means
// observed at AWS by others, [M] remembered and unconfirmed, [J] our own choice.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Principal } from './principal.ts'
import type { Document, Scene, SceneDemand } from './testing/scene.ts'
import { decide, explained } from './testing/scene.ts'

type Named<T> = Readonly<Record<string, T>>
type Expectation = {
  readonly verdict: string
  readonly layer?: string
  readonly sid?: string
  readonly grant?: string
  readonly crossAccount?: boolean
  readonly told?: string
  /** The action that is denied, where a call needs several. */
  readonly denied?: string
  readonly deniedOn?: string
}
/** A scene whose principals, policies and resources are names of the file. */
type NamedScene = Readonly<Record<string, unknown>>
type Ask = NamedScene & { readonly sentence?: string; readonly expect: Expectation }
type Case = {
  readonly number: number
  readonly sentence: string
  readonly source: string
  readonly given: NamedScene
  readonly asks: readonly Ask[]
}
type CaseFile = {
  readonly resources: Named<string>
  readonly policies: Named<Document>
  readonly cases: readonly Case[]
}

const folder = new URL('./cases/', import.meta.url)
const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'))
const principals: Named<Principal> = read('principals.json')
const files: [name: string, file: CaseFile][] = readdirSync(folder)
  .filter((name) => name.endsWith('.json') && name !== 'principals.json')
  .map((name) => [name, read(name)])

for (const [name, file] of files) {
  describe(name, () => {
    for (const { number, sentence, given, asks } of file.cases) {
      describe(`${number}. ${sentence}`, () => {
        for (const { sentence: detail, expect: expected, ...over } of asks) {
          test(detail ?? `is ${expected.verdict}`, () =>
            check(file, { ...given, ...over }, expected),
          )
        }
      })
    }
  })
}

test('The corpus holds the cases 1 to 70, each once and with its source', () => {
  const cases = files.flatMap(([, file]) => file.cases)
  const numbers = cases.map(({ number }) => number).sort((first, second) => first - second)
  expect(numbers).toEqual(Array.from({ length: 70 }, (_, index) => index + 1))
  for (const { source, asks } of cases) {
    expect(source).toMatch(/\w{3}/)
    expect(asks.length).toBeGreaterThan(0)
  }
})

function check(file: CaseFile, named: NamedScene, expected: Expectation): void {
  const scene = resolve(file, named)
  const { demand, decision } = decide(scene)
  const { verdict, layer, sid, grant, crossAccount, told, denied, deniedOn } = expected
  expect(decision.verdict).toBe(verdict)
  expect(decision.allowed).toBe(verdict === 'allow')
  if (layer !== undefined) expect(decision.layer).toBe(layer)
  if (sid !== undefined) expect(decision.statement?.sid).toBe(sid)
  if (grant !== undefined) expect(decision.grant).toBe(grant)
  if (crossAccount !== undefined) expect(decision.crossAccount).toBe(crossAccount)
  if (told !== undefined) expect(decision.told.kind).toBe(told)
  if (denied !== undefined) expect(demand.action).toBe(denied)
  if (deniedOn !== undefined) expect(demand.resource).toBe(file.resources[deniedOn])
  for (const [index, { statements, ...explanation }] of explained(scene).entries()) {
    if (scene.demands[index] === demand) expect(explanation).toEqual(decision)
  }
}

function resolve(file: CaseFile, named: NamedScene): Scene {
  const names = named as {
    principal: string
    demands: (Omit<SceneDemand, 'policy'> & { policy?: string | null })[]
  }
  const principal = principals[names.principal]
  if (principal === undefined) throw new Error(`no principal ${names.principal}`)
  const replaced = replacePolicies(file, named) as Omit<Scene, 'principal' | 'demands'>
  const demands = names.demands.map(({ policy, ...demand }) => ({
    ...demand,
    resource: file.resources[demand.resource] ?? demand.resource,
    policy: policy == null ? null : policyOf(file, policy),
  }))
  return { ...replaced, principal, demands }
}

/** Puts documents in place of names, in the members that hold policies. */
function replacePolicies(
  file: CaseFile,
  { identity, boundary, session, endpoint, ...rest }: NamedScene,
) {
  const deep = (value: unknown): unknown => {
    if (typeof value === 'string') return policyOf(file, value)
    return Array.isArray(value) ? value.map(deep) : (value ?? null)
  }
  const control = rest.serviceControl as { managementAccount: string; levels: unknown } | undefined
  return {
    ...rest,
    identity: deep(identity ?? []),
    boundary: deep(boundary),
    session: deep(session),
    endpoint: deep(endpoint),
    serviceControl: control && { ...control, levels: deep(control.levels) },
  }
}

function policyOf(file: CaseFile, name: string): Document {
  const policy = file.policies[name]
  if (policy === undefined) throw new Error(`no policy ${name}`)
  return policy
}
