// The decision corpus: seventy decided cases, as data, each with its source. [N] in a source means
// observed at AWS by others, [M] remembered and unconfirmed, [J] our own choice.
import { describe, expect, test } from 'vitest'
import type { CaseFile, Expectation, NamedDemand, NamedScene } from './testing/corpus.ts'
import { caseFiles, policyOf, principals } from './testing/corpus.ts'
import type { Scene } from './testing/scene.ts'
import { decide, explained } from './testing/scene.ts'

for (const [name, file] of caseFiles) {
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
  const cases = caseFiles.flatMap(([, file]) => file.cases)
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
    demands: NamedDemand[]
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
