// The decision corpus on a real server, through the SDK: enforcement decides as the corpus says, and
// SimulatePrincipalPolicy says beforehand what enforcement then does.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestServer, testServer } from '../../testing/test-server.ts'
import type { Props } from './testing/corpus-calls.ts'
import { questions, whyNotEnforced, whyNotSimulated } from './testing/corpus-plan.ts'
import { corpusStage, type Stage } from './testing/corpus-stage.ts'

const SIMULATED: Record<string, string> = {
  allow: 'allowed',
  'explicit-deny': 'explicitDeny',
  'implicit-deny': 'implicitDeny',
}

let server: TestServer
let stage: Stage
beforeAll(async () => {
  server = await testServer({ regions: ['eu-central-1'] })
  stage = await corpusStage(server)
})
afterAll(() => server?.close())

for (const question of questions) {
  const { label, sentence, demands, verdict, denied } = question
  const isEnforced = whyNotEnforced(question) === undefined
  const isSimulated = whyNotSimulated(question) === undefined
  if (!isEnforced && !isSimulated) continue
  describe(`${label} ${sentence}`, () => {
    let props: Props
    beforeAll(async () => {
      props = await stage.setUp(question)
    })

    // First what is said, then what is done: calls may change what is asked about.
    if (isSimulated) {
      test('SimulatePrincipalPolicy says so', async () => {
        const decided = demands.filter((demand) => demand.verdict !== undefined)
        const said: unknown[] = []
        for (const demand of decided) said.push(await stage.simulate(question, demand, props))
        expect(said).toEqual(decided.map((demand) => SIMULATED[demand.verdict as string]))
      })
    }

    if (isEnforced) {
      test(`a call meets ${verdict}`, async () => {
        const { message, ...met } = await stage.call(question, props)
        expect(met, message).toEqual({ verdict })
        if (denied === undefined || verdict === 'allow') return
        const [action, resource] = denied
        expect(message).toContain(`to perform: ${action} on resource: `)
        if (resource !== undefined) {
          expect(message).toContain(
            `on resource: ${props.keys.get(resource) ?? props.here(resource)}`,
          )
        }
      })
    }
  })
}

/** Labels of the questions, by why they are left out. */
function leftOut(why: typeof whyNotEnforced): Record<string, string> {
  const left: Record<string, string> = {}
  for (const question of questions) {
    const reason = why(question)
    if (reason === undefined) continue
    left[reason] = [...(left[reason]?.split(' ') ?? []), question.label].join(' ')
  }
  return left
}

test('Of all questions these alone cannot be put to enforcement', () => {
  expect(leftOut(whyNotEnforced)).toEqual({
    'a call comes from the loopback address': '48.1 48.2 26.1 26.2',
    'a call comes now': '47.1 47.2 47.3',
    'a service calls by itself': '63.1 63.2 34.1 62.1 62.2',
    'no service calls for somebody': '22.1 23.1 23.2 24.2 25.2 32.2 34.2',
    'the service is not served here':
      '45.1 45.2 41.1 41.2 41.3 42.1 42.2 42.3 43.1 44.1 44.2 58.1 58.2 59.1 59.2 60.1 60.2 64.1 64.2',
    'there are no service control policies': '65.1 65.2 65.3',
  })
  expect(questions.filter((question) => whyNotEnforced(question) === undefined)).toHaveLength(98)
})

test('Of all questions these alone cannot be simulated', () => {
  expect(leftOut(whyNotSimulated)).toEqual({
    'a key that is not there cannot be given': '13.2',
    'no grant can be given': '14.1 14.3 14.4 20.1 20.2 20.4 21.1 66.1 66.2',
    'no session can be named': '40.2 40.3',
    'no session policy can be given': '14.2 14.5 20.3 20.5 20.6 8.1 9.1 10.1 70.2',
    'only users, groups and roles are simulated':
      '69.1 69.2 52.1 52.2 52.3 63.1 63.2 65.3 34.1 62.1 62.2',
    'there are no service control policies': '65.1 65.2',
  })
  expect(questions.filter((question) => whyNotSimulated(question) === undefined)).toHaveLength(105)
})
