// GenerateDataKey as callers see it.
import {
  DecryptCommand,
  GenerateDataKeyCommand,
  type GenerateDataKeyCommandInput,
} from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { refusalOf } from '../../../testing/refusal.ts'
import { SOME_RECIPIENT, TRUSTS_NOBODY } from '../testing/attestation.ts'
import { describeDataKeys } from '../testing/data-keys.ts'

const on = describeDataKeys('GenerateDataKey')

function generate(input: Partial<GenerateDataKeyCommandInput>) {
  return on.kms.send(new GenerateDataKeyCommand({ KeyId: on.key.id, ...input }))
}

it.each([
  [{ KeySpec: 'AES_128' }, 16],
  [{ KeySpec: 'AES_256' }, 32],
  [{ NumberOfBytes: 1 }, 1],
  [{ NumberOfBytes: 1024 }, 1024],
] as const)(
  'GenerateDataKey for %o makes a key of %i bytes that Decrypt gives again',
  async (size, bytes) => {
    const EncryptionContext = { purpose: 'test' }
    const made = await generate({ ...size, EncryptionContext })
    expect(made.Plaintext?.length).toBe(bytes)
    expect(made.KeyId).toBe(on.key.arn)
    expect(made.CiphertextForRecipient).toBeUndefined()
    const { CiphertextBlob } = made
    const opened = await on.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))
    expect(opened.Plaintext).toEqual(made.Plaintext)
    expect(opened.KeyMaterialId).toBe(made.KeyMaterialId)
    const bare = await refusalOf(on.kms.send(new DecryptCommand({ CiphertextBlob })))
    expect(bare.name).toBe('InvalidCiphertextException')
  },
)

it('GenerateDataKey makes another key each time', async () => {
  const made = await Promise.all(Array.from({ length: 50 }, () => generate({ KeySpec: 'AES_256' })))
  const keys = made.map(({ Plaintext }) => Buffer.from(Plaintext ?? []).toString('hex'))
  expect(new Set(keys).size).toBe(50)
})

it('GenerateDataKey refuses a recipient whose enclave it cannot check', async () => {
  const Recipient = SOME_RECIPIENT
  expect(await refusalOf(generate({ KeySpec: 'AES_256', Recipient }))).toEqual(TRUSTS_NOBODY)
})

it('GenerateDataKey gives the key where it is told not to run dry', async () => {
  const made = await generate({ KeySpec: 'AES_256', DryRun: false })
  expect(made.Plaintext?.length).toBe(32)
})
