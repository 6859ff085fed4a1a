// The Authorization header: every way in which it is not one, in AWS's words.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  inAuthorization,
  KMS,
  NOW_MS,
  replaced,
  SIGNER,
  type Verification,
  verification,
  without,
} from '../testing/verification.ts'

let rig: Verification
beforeAll(async () => {
  rig = await verification()
})
afterAll(() => rig.close())

describe('the Authorization header', () => {
  it('is missed where there is none, or an empty one', async () => {
    const missing = 'MissingAuthenticationTokenException: Missing Authentication Token'
    expect(await rig.refusal(await rig.sent(without('Authorization')))).toBe(missing)
    expect(await rig.refusal(await rig.sent(replaced('Authorization', () => '')))).toBe(missing)
  })

  it.each(['Basic dXNlcjpwYXNz', 'Bearer abc', 'AWS AKID:sig', 'aws4-hmac-sha256 Credential=a'])(
    'is refused in another scheme: %s',
    async (value) => {
      expect(await rig.refusal(await rig.sent(replaced('Authorization', () => value)))).toBe(
        'IncompleteSignatureException: Unsupported Authorization scheme: only AWS4-HMAC-SHA256 is accepted.',
      )
    },
  )

  it.each(['Credential', 'SignedHeaders', 'Signature'])('is refused without %s', async (name) => {
    const request = await rig.sent(inAuthorization(new RegExp(`${name}=[^,]*,? ?`), ''))
    expect(await rig.refusal(request)).toContain(
      `IncompleteSignatureException: Authorization header requires '${name}' parameter. Authorization=AWS4`,
    )
  })

  it('names every missing part at once, and the date, and repeats no signature', async () => {
    const bare = replaced('Authorization', () => 'AWS4-HMAC-SHA256')
    const message = await rig.refusal(
      await rig.sent((headers) => without('X-Amz-Date')(bare(headers))),
    )
    expect(message).toBe(
      "IncompleteSignatureException: Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256",
    )
    const shown = await rig.refusal(await rig.sent(inAuthorization(/Credential=[^,]*, /, '')))
    expect(shown).toContain('Signature=…')
    expect(shown).not.toMatch(/[0-9a-f]{64}/)
  })

  it.each([
    'AKIDEXAMPLE',
    'AKIDEXAMPLE/20260301/us-east-1/kms',
    'AKIDEXAMPLE/20260301/us-east-1/kms/aws4_request/more',
    'AKIDEXAMPLE/20260301/us-east-1/kms/aws5_request',
    'AKIDEXAMPLE/2026-03-01/us-east-1/kms/aws4_request',
    'AKIDEXAMPLE/260301/us-east-1/kms/aws4_request',
    'AKIDEXAMPLE/20260301//kms/aws4_request',
    'AKIDEXAMPLE/20260301/us-east-1//aws4_request',
    '/20260301/us-east-1/kms/aws4_request',
  ])('is refused with the credential %s', async (value) => {
    const request = await rig.sent(inAuthorization(/Credential=[^,]*/, `Credential=${value}`))
    expect(await rig.refusal(request)).toBe(
      `IncompleteSignatureException: Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${value}'`,
    )
  })

  it('is refused where it is longer than any of a client', async () => {
    const request = await rig.sent(inAuthorization('SignedHeaders=', `${'x'.repeat(8192)}=`))
    expect(await rig.refusal(request)).toBe(
      'IncompleteSignatureException: The Authorization header is too long.',
    )
  })

  it('is refused with a signature in upper case, as long as its claim is new', async () => {
    const signer = { ...SIGNER, atMs: NOW_MS - 86_400_000 }
    const upper = replaced('Authorization', (value) =>
      value.replace(/[0-9a-f]{64}$/, (digits) => digits.toUpperCase()),
    )
    expect(await rig.refusal(await rig.sent(upper, { signer }), signer.atMs)).toContain(
      'IncompleteSignatureException: Signature is not 64 hexadecimal digits.',
    )
  })

  it('is refused with a signature in upper case, too short or too long, once its claim is known', async () => {
    await rig.verify(await rig.sent(), KMS, NOW_MS)
    const upper = (value: string) => value.replace(/[0-9a-f]{64}$/, (hex) => hex.toUpperCase())
    const edits = [upper, (value: string) => `${value}0`, (value: string) => value.slice(0, -1)]
    for (const edit of edits) {
      expect(await rig.refusal(await rig.sent(replaced('Authorization', edit)))).toMatch(
        /^(Invalid|Incomplete)SignatureException: /,
      )
    }
  })
})
