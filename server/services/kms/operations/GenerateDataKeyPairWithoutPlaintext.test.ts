// GenerateDataKeyPairWithoutPlaintext as callers see it. The pairs: GenerateDataKeyPair.test.ts.
import { createPrivateKey, createPublicKey } from 'node:crypto'
import {
  type DataKeyPairSpec,
  DecryptCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  type GenerateDataKeyPairWithoutPlaintextCommandInput,
} from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { refusalOf } from '../../../testing/refusal.ts'
import { describeDataKeyPairs } from '../testing/data-key-pairs.ts'

const EncryptionContext = { purpose: 'test' }

const on = describeDataKeyPairs('GenerateDataKeyPairWithoutPlaintext')

function generate(input: Partial<GenerateDataKeyPairWithoutPlaintextCommandInput> = {}) {
  const whole = { KeyId: on.key.id, KeyPairSpec: 'ECC_NIST_P256', ...input } as const
  return on.kms.send(new GenerateDataKeyPairWithoutPlaintextCommand(whole))
}

it.each<DataKeyPairSpec>([
  'RSA_2048',
  'ECC_NIST_P521',
  'ECC_SECG_P256K1',
  'ECC_NIST_EDWARDS25519',
  'ML_KEM_1024',
])(
  'GenerateDataKeyPairWithoutPlaintext of %s seals what belongs to its public key',
  async (spec) => {
    const { $metadata, ...made } = await generate({ KeyPairSpec: spec, EncryptionContext })
    expect(made).toEqual({
      PrivateKeyCiphertextBlob: expect.any(Uint8Array),
      PublicKey: expect.any(Uint8Array),
      KeyId: on.key.arn,
      KeyPairSpec: spec,
      KeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    const { PrivateKeyCiphertextBlob: CiphertextBlob } = made
    const opened = await on.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))
    expect(opened.KeyMaterialId).toBe(made.KeyMaterialId)
    const pkcs8 = Buffer.from(opened.Plaintext ?? [])
    const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
    const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
    expect(Buffer.from(made.PublicKey ?? [])).toEqual(spki)
    expect((await refusalOf(on.kms.send(new DecryptCommand({ CiphertextBlob })))).name).toBe(
      'InvalidCiphertextException',
    )
  },
)
