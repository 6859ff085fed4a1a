// When issuers are asked for their keys, and when they are left alone.
import { expect, it } from 'vitest'
import { issuerKeys } from './issuer-keys.ts'
import { IssuerError } from './oidc-client.ts'

const ISSUER = { url: 'issuer.example.org', thumbprints: [] }
const SET = { keys: [] }

function scene() {
  let nowMs = 1_000_000
  const asked: string[] = []
  let answer = () => Promise.resolve(SET as { keys: object[] })
  const keys = issuerKeys(
    ({ url, thumbprints }) => {
      asked.push([url, ...thumbprints].join())
      return answer()
    },
    () => nowMs,
  )
  return {
    keys,
    asked,
    pass: (ms: number) => {
      nowMs += ms
    },
    fail: (problem: 'unreachable' | undefined) => {
      answer = () =>
        problem === undefined
          ? Promise.resolve(SET)
          : Promise.reject(new IssuerError(problem, 'away'))
    },
  }
}

it('An issuer is asked once for all who wait, and again after ten minutes', async () => {
  const { keys, asked, pass } = scene()
  await Promise.all([keys.get(ISSUER), keys.get(ISSUER), keys.get(ISSUER)])
  pass(10 * 60_000 - 1)
  await keys.get(ISSUER)
  expect(asked.length).toBe(1)
  pass(1)
  await keys.get(ISSUER)
  expect(asked.length).toBe(2)
})

it('An unknown key has the issuer asked anew, at most once in thirty seconds', async () => {
  const { keys, asked, pass } = scene()
  await keys.get(ISSUER)
  expect(await keys.findNewer(ISSUER)).toBeUndefined()
  pass(30_000)
  const [first, second] = await Promise.all([keys.findNewer(ISSUER), keys.findNewer(ISSUER)])
  expect(first).toBeDefined()
  expect(second).toBe(first)
  for (let tries = 0; tries < 10; tries++) expect(await keys.findNewer(ISSUER)).toBeUndefined()
  expect(asked.length).toBe(2)
})

it('An issuer that does not answer is left alone for five seconds', async () => {
  const { keys, asked, pass, fail } = scene()
  fail('unreachable')
  for (let tries = 0; tries < 10; tries++) await expect(keys.get(ISSUER)).rejects.toThrow('away')
  expect(asked.length).toBe(1)
  pass(5000)
  fail(undefined)
  await keys.get(ISSUER)
  expect(asked.length).toBe(2)
})

it('Keys outlive a failure to fetch newer ones, but not their ten minutes', async () => {
  const { keys, pass, fail } = scene()
  const first = await keys.get(ISSUER)
  fail('unreachable')
  pass(30_000)
  await expect(keys.findNewer(ISSUER)).rejects.toThrow('away')
  expect(await keys.get(ISSUER)).toBe(first)
  pass(10 * 60_000)
  await expect(keys.get(ISSUER)).rejects.toThrow('away')
})

it('What one account believes by a thumbprint is not what others believe', async () => {
  const { keys, asked } = scene()
  await keys.get({ ...ISSUER, thumbprints: ['b', 'a'] })
  await keys.get({ ...ISSUER, thumbprints: ['a', 'b'] })
  await keys.get(ISSUER)
  expect(asked).toEqual(['issuer.example.org,b,a', 'issuer.example.org'])
})
