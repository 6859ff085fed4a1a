// The services are whole: what is offered, what AWS has, what is tested and what is told agree.
import { readdirSync, readFileSync } from 'node:fs'
import * as iamSdk from '@aws-sdk/client-iam'
import * as kmsSdk from '@aws-sdk/client-kms'
import * as stsSdk from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import { AwsError } from '../contract/errors.ts'
import type { AnyOperation } from '../contract/operation.ts'
import type { Service } from '../contract/service.ts'
import { plan } from '../pipeline/plan.ts'
import { services } from '../services.ts'
import { sendSigned } from '../testing/signed-request.ts'
import { type TestServer, testServer } from '../testing/test-server.ts'
import { Encrypt } from './kms/operations/Encrypt.ts'
import { GenerateDataKey } from './kms/operations/GenerateDataKey.ts'
import { GenerateRandom } from './kms/operations/GenerateRandom.ts'
import { kms } from './kms/service.ts'

type Coverage = {
  /** By service: operations of the SDK that this server has not, each with the reason. */
  missingOperations: Record<string, Record<string, string>>
  /** By service and operation: members of which not every value is taken. */
  limitedMembers: Record<string, Record<string, string>>
}

const coverage = JSON.parse(
  readFileSync(new URL('../../conformance/coverage.json', import.meta.url), 'utf8'),
) as Coverage

/** How many operations were missing when this was last changed: a number that only falls. */
const MOST_MISSING: Record<string, number> = { iam: 93, kms: 0, sts: 10 }
const sdks: Record<string, object> = { iam: iamSdk, kms: kmsSdk, sts: stsSdk }

function filesOf(service: Service): string[] {
  return readdirSync(new URL(`./${service.name}/operations/`, import.meta.url))
}

function operationsOf(sdk: object): string[] {
  return Object.keys(sdk)
    .filter((name) => /^[A-Z].*Command$/.test(name))
    .map((name) => name.slice(0, -'Command'.length))
}

describe.each([...services])('$name', (service) => {
  const offered = Object.keys(service.operations).sort()
  const missing = coverage.missingOperations[service.name] ?? {}

  it('lists the operations that have a file, under the names that their schemas have', () => {
    const files = filesOf(service)
      .filter((name) => !name.endsWith('.test.ts'))
      .map((name) => name.replace(/\.ts$/, ''))
    expect(files.sort()).toEqual(offered)
    for (const [name, { schema }] of Object.entries(service.operations)) {
      expect(schema.name).toBe(name)
    }
  })

  it('has a test beside every operation', () => {
    const files = filesOf(service)
    for (const name of offered) expect(files).toContain(`${name}.test.ts`)
  })

  it('offers every operation of the SDK, or tells why not', () => {
    const known = [...offered, ...Object.keys(missing)].sort()
    expect(known).toEqual(operationsOf(sdks[service.name] as object).sort())
    for (const reason of Object.values(missing)) expect(reason).toMatch(/^[A-Z].*\.$/)
  })

  it('is missing no more than it was', () => {
    expect(Object.keys(missing).length).toBeLessThanOrEqual(MOST_MISSING[service.name] ?? 0)
  })

  it('tells only members that exist as limited, and only of operations that it has', () => {
    for (const [path, members] of Object.entries(coverage.limitedMembers)) {
      const [name, operation] = path.split('.') as [string, string]
      if (name !== service.name) continue
      const input = service.operations[operation]?.schema.input.members.map((member) => member.name)
      expect([path, input]).toEqual([path, expect.arrayContaining(Object.keys(members))])
    }
  })
})

it('Nothing is told about services that there are not', () => {
  const names = services.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(Object.keys(coverage.missingOperations)))
  const limited = Object.keys(coverage.limitedMembers).map((path) => path.split('.')[0])
  expect(names).toEqual(expect.arrayContaining(limited))
})

describe('Naming a sensitive member for the record fails at construction', () => {
  const cases: [string, AnyOperation, object][] = [
    ['EncryptRequest.Plaintext', Encrypt, { show: ['KeyId', 'Plaintext'] }],
    ['GenerateDataKeyResponse.Plaintext', GenerateDataKey, { showOutput: ['Plaintext'] }],
    ['GenerateRandomResponse.Plaintext', GenerateRandom, { showOutput: ['Plaintext'] }],
  ]
  it.each(cases)('%s', (member, operation, audit) => {
    const telling = { ...operation, audit: { ...operation.audit, ...audit } } as AnyOperation
    expect(() => plan(kms, telling)).toThrow(`${member} is sensitive and cannot be recorded`)
    expect(() => plan(kms, operation)).not.toThrow()
  })

  it('so does one that does not exist', () => {
    const audit = { ...Encrypt.audit, show: ['Keyid'] } as unknown as typeof Encrypt.audit
    expect(() => plan(kms, { ...Encrypt, audit })).toThrow(
      'EncryptRequest has no member Keyid to record',
    )
  })
})

describe('An error that an operation does not declare', () => {
  class SurpriseException extends AwsError {}

  /** Lets GenerateRandom throw for the time of one call. */
  async function callThrowing(error: Error, server: TestServer) {
    const { handle } = GenerateRandom
    GenerateRandom.handle = () => {
      throw error
    }
    try {
      return await sendSigned(server, 'GenerateRandom', '{"NumberOfBytes":1}')
    } finally {
      GenerateRandom.handle = handle
    }
  }

  it('is noticed when the test server closes', async () => {
    const server = await testServer()
    const answer = await callThrowing(new SurpriseException('boo'), server)
    expect(answer.body.__type).toBe('SurpriseException')
    await expect(server.close()).rejects.toThrow(/undeclared error/)
  })

  it('that is not even for callers is answered without a word of it, and logged', async () => {
    const server = await testServer()
    const answer = await callThrowing(new TypeError('inner working'), server)
    expect([answer.status, answer.body.__type]).toEqual([500, 'KMSInternalException'])
    expect(JSON.stringify(answer.body)).not.toContain('inner working')
    const line = server.logged.find((text) => text.includes('inner working'))
    expect(line).toContain(answer.requestId)
    await server.close()
  })
})
