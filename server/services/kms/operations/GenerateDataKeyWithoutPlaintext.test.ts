// GenerateDataKeyWithoutPlaintext as callers see it.
import {
  DecryptCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  type GenerateDataKeyWithoutPlaintextCommandInput,
} from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { refusalOf } from '../../../testing/refusal.ts'
import { describeDataKeys } from '../testing/data-keys.ts'
import { recordOf } from '../testing/recorded.ts'

const on = describeDataKeys('GenerateDataKeyWithoutPlaintext')

function generate(input: Partial<GenerateDataKeyWithoutPlaintextCommandInput>) {
  return on.kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId: on.key.id, ...input }))
}

it.each([
  [{ KeySpec: 'AES_128' }, 16],
  [{ KeySpec: 'AES_256' }, 32],
  [{ NumberOfBytes: 1 }, 1],
  [{ NumberOfBytes: 1024 }, 1024],
] as const)('GenerateDataKeyWithoutPlaintext for %o seals %i bytes', async (size, bytes) => {
  const EncryptionContext = { purpose: 'test' }
  const { $metadata, ...made } = await generate({ ...size, EncryptionContext })
  expect(Object.keys(made).sort()).toEqual(['CiphertextBlob', 'KeyId', 'KeyMaterialId'])
  expect(made.KeyId).toBe(on.key.arn)
  const { CiphertextBlob } = made
  const opened = await on.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))
  expect(opened.Plaintext?.length).toBe(bytes)
  expect(opened.KeyMaterialId).toBe(made.KeyMaterialId)
  expect((await refusalOf(on.kms.send(new DecryptCommand({ CiphertextBlob })))).name).toBe(
    'InvalidCiphertextException',
  )
})

it('GenerateDataKeyWithoutPlaintext makes random keys, each another', async () => {
  const made = await Promise.all(Array.from({ length: 20 }, () => generate({ NumberOfBytes: 32 })))
  const keys = await Promise.all(
    made.map(({ CiphertextBlob }) => on.kms.send(new DecryptCommand({ CiphertextBlob }))),
  )
  const texts = keys.map(({ Plaintext }) => Buffer.from(Plaintext ?? []).toString('hex'))
  expect(new Set(texts).size).toBe(20)
  expect(texts).not.toContain('00'.repeat(32))
})

it('The record of GenerateDataKeyWithoutPlaintext shows the request, the key and no answer', async () => {
  const EncryptionContext = { purpose: 'test' }
  const call = generate({ KeySpec: 'AES_256', EncryptionContext })
  expect(await recordOf(on.server, call)).toMatchObject({
    eventName: 'GenerateDataKeyWithoutPlaintext',
    readOnly: true,
    requestParameters: {
      keyId: on.key.id,
      keySpec: 'AES_256',
      encryptionContext: EncryptionContext,
    },
    responseElements: null,
    resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: on.key.arn }],
  })
})
