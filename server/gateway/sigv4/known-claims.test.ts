// What the verifier remembers of claims is only a short cut: it believes nobody who is not believed anew.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Credential } from '../../contract/ports.ts'
import * as digest from '../../crypto/digest.ts'
import {
  credential,
  KMS,
  MISMATCH,
  NOW_MS,
  replaced,
  SIGNER,
  type Verification,
  verification,
} from '../testing/verification.ts'
import { createVerifier } from './verify.ts'

vi.mock(import('../../crypto/digest.ts'), async (original) => {
  const actual = await original()
  return { ...actual, hmacSha256: vi.fn(actual.hmacSha256) }
})

let rig: Verification
beforeAll(async () => {
  rig = await verification()
})
afterAll(() => rig.close())

describe('the memory of claims', () => {
  const derivations = () => vi.mocked(digest.hmacSha256).mock.calls.length / 4

  it('takes in a claim only after its signature was right', async () => {
    const signer = { ...SIGNER, region: 'eu-west-1', atMs: NOW_MS - 1000 }
    const fresh = createVerifier(
      { findCredential: (id) => rig.credentials.get(id) },
      new Set(['eu-west-1']),
    )
    const right = await rig.sent(undefined, { signer })
    const wrong = await rig.sent(
      replaced('Authorization', (value) => value.replace(/.$/, (end) => (end === '0' ? '1' : '0'))),
      { signer },
    )
    const before = derivations()
    for (let round = 1; round <= 3; round++) {
      expect(() => fresh(wrong, KMS, NOW_MS)).toThrow(MISMATCH)
      expect(derivations() - before).toBe(round)
    }
    await fresh(right, KMS, NOW_MS)
    await fresh(right, KMS, NOW_MS)
    expect(derivations() - before).toBe(4)
    expect(() => fresh(wrong, KMS, NOW_MS)).toThrow(MISMATCH)
    expect(derivations() - before).toBe(4)
  })

  it('does not keep a replaced secret alive', async () => {
    const oldKey = rig.credentials.get(SIGNER.accessKeyId) as Credential
    const before = await rig.sent()
    await rig.verify(before, KMS, NOW_MS)
    rig.credentials.set(SIGNER.accessKeyId, credential('a new secret'))
    expect(await rig.refusal(before)).toContain(MISMATCH)
    const signer = { ...SIGNER, secretAccessKey: 'a new secret' }
    const after = await rig.sent(undefined, { signer })
    expect(await rig.believes(after)).toBe('us-east-1')
    expect(await rig.refusal(before)).toContain(MISMATCH)
    rig.credentials.set(SIGNER.accessKeyId, oldKey)
    expect(await rig.refusal(after)).toContain(MISMATCH)
    expect(await rig.believes(before)).toBe('us-east-1')
  })

  it('does not keep a removed access key alive', async () => {
    const key = rig.credentials.get(SIGNER.accessKeyId) as Credential
    const request = await rig.sent()
    await rig.verify(request, KMS, NOW_MS)
    rig.credentials.delete(SIGNER.accessKeyId)
    expect(await rig.refusal(request)).toContain('UnrecognizedClientException')
    rig.credentials.set(SIGNER.accessKeyId, key)
    expect(await rig.believes(request)).toBe('us-east-1')
  })

  it('knows a claim for the names of headers that it came with, and checks others anew', async () => {
    const request = await rig.sent()
    await rig.verify(request, KMS, NOW_MS)
    const added = (name: string, value: string) =>
      rig.sent((headers) => [...headers, [name, value]])
    for (const [name, value, problem] of [
      ['X-Amz-Meta', 'smuggled', "'x-amz-meta' must be a 'SignedHeader'"],
      ['x-amz-security-token', 'any', 'UnrecognizedClientException'],
      ['Host', 'kms.example', "The header 'host' may stand only once"],
      ['X-AMZ-DATE', '20260301T120000Z', "The header 'x-amz-date' may stand only once"],
      ['x-amz-target', 'TrentService.Decrypt', "The header 'x-amz-target' may stand only once"],
    ] as const) {
      expect(await rig.refusal(await added(name, value))).toContain(problem)
      expect(await rig.believes(request)).toBe('us-east-1')
    }
    // What needs no signature may be there, and does not teach the memory anything.
    expect(await rig.believes(await added('Accept', '*/*'))).toBe('us-east-1')
    expect(await rig.refusal(await added('X-Amz-Meta', 'smuggled'))).toContain('SignedHeader')
  })

  it('of as many headers with other names, checks the names', async () => {
    const plain = await rig.sent((headers) => [...headers, ['Accept', 'any']])
    const other = createVerifier(
      { findCredential: (id) => rig.credentials.get(id) },
      new Set(['us-east-1']),
    )
    await other(plain, KMS, NOW_MS)
    const smuggled = await rig.sent((headers) => [...headers, ['X-Amz-Meta', 'any']])
    expect(() => other(smuggled, KMS, NOW_MS)).toThrow("'x-amz-meta' must be a 'SignedHeader'")
    const twice = await rig.sent((headers) => [...headers, ['Content-Type', 'text/plain']])
    expect(() => other(twice, KMS, NOW_MS)).toThrow("'content-type' may stand only once")
  })

  it('does not let a known claim in for another service', async () => {
    const request = await rig.sent()
    await rig.verify(request, KMS, NOW_MS)
    expect(() => rig.verify(request, { ...KMS, name: 'sts' }, NOW_MS)).toThrow('correct service')
  })

  it('serves a credential that comes later as well as one that is there', async () => {
    const later = createVerifier(
      { findCredential: async (id) => rig.credentials.get(id) },
      new Set(['us-east-1']),
    )
    await expect(later(await rig.sent(), KMS, NOW_MS)).resolves.toBeDefined()
    const signer = { ...SIGNER, accessKeyId: 'AKIDUNKNOWN' }
    await expect(later(await rig.sent(undefined, { signer }), KMS, NOW_MS)).rejects.toThrow(
      'The security token included in the request is invalid.',
    )
  })
})
