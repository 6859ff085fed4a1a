// What GenerateDataKeyPair and GenerateDataKeyPairWithoutPlaintext have in common, seen by callers: refusals and
// the record.
import {
  GenerateDataKeyPairCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  type GenerateDataKeyPairWithoutPlaintextCommandInput,
} from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { recordOf } from './recorded.ts'
import { type ServerWithKey, serverWithKey } from './server-with-key.ts'
import { alterKey, FOREIGN, NO_KEY_ID, newKeyOf } from './stored-key.ts'

const SM2 = { KeyPairSpec: 'SM2' } as const

/** The tests of one of the two, for its own test file, which goes on with the same server and key. */
export function describeDataKeyPairs(
  operation: 'GenerateDataKeyPair' | 'GenerateDataKeyPairWithoutPlaintext',
): ServerWithKey {
  const on = serverWithKey()

  const generate = (input: Partial<GenerateDataKeyPairWithoutPlaintextCommandInput>) => {
    const whole = { KeyId: on.key.id, KeyPairSpec: 'ECC_NIST_P256', ...input } as const
    return operation === 'GenerateDataKeyPair'
      ? on.kms.send(new GenerateDataKeyPairCommand(whole))
      : on.kms.send(new GenerateDataKeyPairWithoutPlaintextCommand(whole))
  }
  const told = async (input: Partial<GenerateDataKeyPairWithoutPlaintextCommandInput>) =>
    (await refusalOf(generate(input))).name

  it(`${operation} has no SM2, which is for Regions in China`, async () => {
    expect(await refusalOf(generate(SM2))).toEqual(
      refusal('UnsupportedOperationException', 'KeyPairSpec SM2 is not supported by this server.'),
    )
  })

  it(`${operation} makes no pairs of specs that AWS has none of`, async () => {
    for (const spec of ['ML_DSA_44', 'HMAC_256', 'SYMMETRIC_DEFAULT', '__proto__'] as const) {
      const { name, message } = await refusalOf(generate({ KeyPairSpec: spec as 'RSA_2048' }))
      expect(name).toBe('ValidationException')
      expect(message).toContain(`Value '${spec}' at 'keyPairSpec' failed to satisfy constraint`)
    }
    const nothing = await sendSigned(on.server, operation, '{}')
    expect(nothing.body.message).toMatch(/^2 validation errors detected: Value null at/)
  })

  it(`${operation} refuses a context that is too long`, async () => {
    expect(await refusalOf(generate({ EncryptionContext: { k: 'v'.repeat(8192) } }))).toEqual(
      refusal('ValidationException', 'The encryption context is longer than 8192 characters.'),
    )
  })

  it(`${operation} as a dry run tells what would become of the call`, async () => {
    expect(await told({ DryRun: true, KeyPairSpec: 'RSA_4096' })).toBe('DryRunOperationException')
    expect(await told({ DryRun: true, ...SM2 })).toBe('UnsupportedOperationException')
    expect(await told({ DryRun: true, KeyId: NO_KEY_ID })).toBe('NotFoundException')
  })

  it.each([
    ['ECC_NIST_P256', 'SIGN_VERIFY'],
    ['RSA_2048', 'ENCRYPT_DECRYPT'],
  ] as const)(
    `${operation} checks permission, then existence, tokens, state, usage and spec: %s`,
    async (spec, usage) => {
      const other = await newKeyOf(on.kms, spec, usage)
      await alterKey(on.server, other, { state: 'Disabled' })
      expect(await told({ ...SM2, KeyId: FOREIGN })).toBe('AccessDeniedException')
      expect(await told({ ...SM2, KeyId: NO_KEY_ID })).toBe('NotFoundException')
      expect(await told({ ...SM2, GrantTokens: ['t'] })).toBe('InvalidGrantTokenException')
      expect(await told({ ...SM2, KeyId: other.id })).toBe('DisabledException')
      await alterKey(on.server, other, { state: 'PendingDeletion' })
      expect(await told({ ...SM2, KeyId: other.id })).toBe('KMSInvalidStateException')
      await alterKey(on.server, other, { state: 'Enabled' })
      expect(await told({ ...SM2, KeyId: other.id })).toBe('InvalidKeyUsageException')
      expect(await told(SM2)).toBe('UnsupportedOperationException')
    },
  )

  it(`The record of ${operation} shows the request, the key and no answer`, async () => {
    const EncryptionContext = { purpose: 'test' }
    expect(await recordOf(on.server, generate({ EncryptionContext }))).toMatchObject({
      eventName: operation,
      readOnly: true,
      requestParameters: {
        keyId: on.key.id,
        keyPairSpec: 'ECC_NIST_P256',
        encryptionContext: EncryptionContext,
      },
      responseElements: null,
      resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: on.key.arn }],
    })
  })

  return on
}
