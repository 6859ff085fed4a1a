// Answers for enclaves alone, as callers see them: by the SDK, opened by the openssl command.
import {
  DecryptCommand,
  type DecryptCommandInput,
  DeriveSharedSecretCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyPairCommand,
  GenerateRandomCommand,
  GetPublicKeyCommand,
  type KMSClient,
  type RecipientInfo,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasOpenssl } from '../../../crypto/testing/openssl.ts'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { enclave, filled, IMAGE, MODULE_ID, rootFile } from '../testing/attestation.ts'
import { recordOf } from '../testing/recorded.ts'
import { newKey, newKeyOf } from '../testing/stored-key.ts'

const own = enclave()
const { recipient } = own
const roots = rootFile(enclave().root, own.root)

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer({ nitroRoot: roots.path })
  kms = server.kms()
})
afterAll(async () => {
  roots.remove()
  await server.close()
})

const base64 = (byte: number) => Buffer.from(filled(byte)).toString('base64')

/** What CloudTrail shows of a call that our enclave made. */
const SHOWN = {
  recipient: {
    attestationDocumentModuleId: MODULE_ID,
    attestationDocumentEnclaveImageDigest: Buffer.from(IMAGE, 'hex').toString('base64'),
    attestationDocumentEnclavePCR1: base64(1),
    attestationDocumentEnclavePCR2: base64(2),
    attestationDocumentEnclavePCR3: base64(3),
    attestationDocumentEnclavePCR4: base64(4),
    attestationDocumentEnclavePCR8: base64(8),
  },
}

describe.runIf(hasOpenssl)('the answer for an enclave holds what only it can open', () => {
  it('Decrypt', async () => {
    const { id } = await newKey(kms)
    const plaintext = Buffer.from('for the enclave alone')
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId: id, Plaintext: plaintext }),
    )
    const sent = kms.send(new DecryptCommand({ CiphertextBlob, Recipient: recipient() }))
    const { Plaintext, CiphertextForRecipient, KeyId, EncryptionAlgorithm } = await sent
    expect(Plaintext).toBeUndefined()
    expect(own.open(CiphertextForRecipient)).toEqual(plaintext)
    expect([KeyId?.endsWith(id), EncryptionAlgorithm]).toEqual([true, 'SYMMETRIC_DEFAULT'])
    const record = await recordOf(server, sent)
    expect(record).toMatchObject({ additionalEventData: SHOWN, responseElements: null })
    expect(record.requestParameters).toBeNull()
  })

  it('Decrypt with an RSA key, of as much as it takes', async () => {
    const { id } = await newKeyOf(kms, 'RSA_4096', 'ENCRYPT_DECRYPT')
    const EncryptionAlgorithm = 'RSAES_OAEP_SHA_256'
    const plaintext = Buffer.alloc(446, 7)
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId: id, Plaintext: plaintext, EncryptionAlgorithm }),
    )
    const { Plaintext, CiphertextForRecipient } = await kms.send(
      new DecryptCommand({
        KeyId: id,
        CiphertextBlob,
        EncryptionAlgorithm,
        Recipient: recipient(),
      }),
    )
    expect(Plaintext).toBeUndefined()
    expect(own.open(CiphertextForRecipient)).toEqual(plaintext)
  })

  it('GenerateDataKey', async () => {
    const { id } = await newKey(kms)
    const sent = kms.send(
      new GenerateDataKeyCommand({ KeyId: id, KeySpec: 'AES_256', Recipient: recipient() }),
    )
    const { Plaintext, CiphertextBlob, CiphertextForRecipient } = await sent
    expect(Plaintext).toBeUndefined()
    const decrypted = await kms.send(new DecryptCommand({ CiphertextBlob }))
    expect(own.open(CiphertextForRecipient)).toEqual(Buffer.from(decrypted.Plaintext ?? []))
    expect(await recordOf(server, sent)).toMatchObject({ additionalEventData: SHOWN })
  })

  it('GenerateDataKeyPair', async () => {
    const { id } = await newKey(kms)
    const sent = kms.send(
      new GenerateDataKeyPairCommand({
        KeyId: id,
        KeyPairSpec: 'ECC_NIST_P384',
        Recipient: recipient(),
      }),
    )
    const { PrivateKeyPlaintext, PrivateKeyCiphertextBlob, CiphertextForRecipient, PublicKey } =
      await sent
    expect(PrivateKeyPlaintext).toBeUndefined()
    expect(PublicKey).toBeDefined()
    const decrypted = await kms.send(
      new DecryptCommand({ CiphertextBlob: PrivateKeyCiphertextBlob }),
    )
    expect(own.open(CiphertextForRecipient)).toEqual(Buffer.from(decrypted.Plaintext ?? []))
    expect(await recordOf(server, sent)).toMatchObject({ additionalEventData: SHOWN })
  })

  it('GenerateRandom', async () => {
    const random = () =>
      kms.send(new GenerateRandomCommand({ NumberOfBytes: 1024, Recipient: recipient() }))
    const sent = random()
    const { Plaintext, CiphertextForRecipient } = await sent
    expect(Plaintext).toBeUndefined()
    const bytes = own.open(CiphertextForRecipient)
    expect(bytes).toHaveLength(1024)
    expect(own.open((await random()).CiphertextForRecipient)).not.toEqual(bytes)
    expect(await recordOf(server, sent)).toMatchObject({ additionalEventData: SHOWN })
  })

  it('DeriveSharedSecret', async () => {
    const ours = await newKeyOf(kms, 'ECC_NIST_P256', 'KEY_AGREEMENT')
    const theirs = await newKeyOf(kms, 'ECC_NIST_P256', 'KEY_AGREEMENT')
    const derive = async (KeyId: string, other: string, Recipient?: RecipientInfo) => {
      const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: other }))
      const input = { KeyId, PublicKey, KeyAgreementAlgorithm: 'ECDH' as const }
      return kms.send(new DeriveSharedSecretCommand({ ...input, ...(Recipient && { Recipient }) }))
    }
    const sent = derive(ours.id, theirs.id, recipient())
    const { SharedSecret, CiphertextForRecipient } = await sent
    expect(SharedSecret).toBeUndefined()
    const known = await derive(theirs.id, ours.id)
    expect(own.open(CiphertextForRecipient)).toEqual(Buffer.from(known.SharedSecret ?? []))
    expect(await recordOf(server, sent)).toMatchObject({ additionalEventData: SHOWN })
  })
})

it('a call without a recipient is recorded as ever', async () => {
  const record = await recordOf(server, kms.send(new GenerateRandomCommand({ NumberOfBytes: 8 })))
  expect(record).not.toHaveProperty('additionalEventData')
})

it('the record of a NitroTPM shows the registers that CloudTrail shows', async () => {
  const numbers = Array.from({ length: 24 }, (_, index) => index)
  const nitrotpm_pcrs = new Map(numbers.map((index) => [index, filled(index)]))
  const Recipient = recipient({ pcrs: undefined, nitrotpm_pcrs, module_id: 'i-1-tpm0' })
  const record = await recordOf(
    server,
    kms.send(new GenerateRandomCommand({ NumberOfBytes: 8, Recipient })),
  )
  expect(record.additionalEventData).toEqual({
    recipient: {
      attestationDocumentModuleId: 'i-1-tpm0',
      attestationDocumentNitroTPMPCR4: base64(4),
      attestationDocumentNitroTPMPCR7: base64(7),
      attestationDocumentNitroTPMPCR8: base64(8),
      attestationDocumentNitroTPMPCR9: base64(9),
      attestationDocumentNitroTPMPCR16: base64(16),
      attestationDocumentNitroTPMPCR23: base64(23),
    },
  })
})

it('no document is recorded, and nothing of one that is not believed', async () => {
  const Recipient = recipient({ timestamp: Date.now() - 3_600_000 })
  const record = await recordOf(
    server,
    kms.send(new GenerateRandomCommand({ NumberOfBytes: 8, Recipient })),
  )
  expect(record).toMatchObject({ errorCode: 'ValidationException' })
  expect(record).not.toHaveProperty('additionalEventData')
  expect(JSON.stringify(record)).not.toContain(MODULE_ID)
})

function random(Recipient: object) {
  return refusalOf(
    kms.send(
      new GenerateRandomCommand({ NumberOfBytes: 8, Recipient: Recipient as RecipientInfo }),
    ),
  )
}

it('a recipient has a document and an algorithm, each within its limits', async () => {
  const value = (given: string, at: string, sentence: string) =>
    invalid(`Value ${given}at 'recipient.${at}' failed to satisfy constraint: ${sentence}`)
  const { AttestationDocument, KeyEncryptionAlgorithm } = recipient()
  expect(await random({})).toEqual(value('null ', 'attestationDocument', 'Member must not be null'))
  expect(await random({ KeyEncryptionAlgorithm })).toEqual(
    value('null ', 'attestationDocument', 'Member must not be null'),
  )
  expect(await random({ AttestationDocument })).toEqual(
    value('null ', 'keyEncryptionAlgorithm', 'Member must not be null'),
  )
  expect(await random({ AttestationDocument, KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_1' })).toEqual(
    value(
      "'RSAES_OAEP_SHA_1' ",
      'keyEncryptionAlgorithm',
      'Member must satisfy enum value set: [RSAES_OAEP_SHA_256]',
    ),
  )
  expect(await random({ KeyEncryptionAlgorithm, AttestationDocument: Buffer.of() })).toEqual(
    value('', 'attestationDocument', 'Member must have length greater than or equal to 1'),
  )
  expect(
    await random({ KeyEncryptionAlgorithm, AttestationDocument: Buffer.alloc(262_145) }),
  ).toEqual(
    value('', 'attestationDocument', 'Member must have length less than or equal to 262144'),
  )
  expect(
    await random({ KeyEncryptionAlgorithm, AttestationDocument: Buffer.alloc(262_144) }),
  ).toEqual(
    refusal(
      'ValidationException',
      'The attestation document is not valid: it is not a COSE_Sign1 message with ES384.',
    ),
  )
})

it('every operation refuses a document that is not believed, and answers nothing', async () => {
  const { id } = await newKey(kms)
  const agreeing = await newKeyOf(kms, 'ECC_NIST_P256', 'KEY_AGREEMENT')
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: agreeing.id }))
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('x') }),
  )
  const Recipient = enclave().recipient()
  const message = refusal(
    'ValidationException',
    'The attestation document is not valid: its certificates do not begin with a trusted root.',
  )
  const KeyId = agreeing.id
  const calls: Promise<unknown>[] = [
    kms.send(new DecryptCommand({ CiphertextBlob, Recipient })),
    kms.send(new GenerateDataKeyCommand({ KeyId: id, KeySpec: 'AES_256', Recipient })),
    kms.send(
      new GenerateDataKeyPairCommand({ KeyId: id, KeyPairSpec: 'ECC_NIST_P256', Recipient }),
    ),
    kms.send(new GenerateRandomCommand({ NumberOfBytes: 8, Recipient })),
    kms.send(
      new DeriveSharedSecretCommand({ KeyId, PublicKey, KeyAgreementAlgorithm: 'ECDH', Recipient }),
    ),
  ]
  for (const call of calls) expect(await refusalOf(call)).toEqual(message)
})

it('a dry run for a recipient is one, where its document is believed', async () => {
  const { id } = await newKey(kms)
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('x') }),
  )
  const told = async (input: Partial<DecryptCommandInput>) =>
    (await refusalOf(kms.send(new DecryptCommand({ DryRun: true, ...input })))).name
  const stale = recipient({ timestamp: 1 })
  expect(await told({ CiphertextBlob, Recipient: recipient() })).toBe('DryRunOperationException')
  expect(await told({ CiphertextBlob, Recipient: stale })).toBe('ValidationException')
  const ignoring = { KeyId: id, DryRunModifiers: ['IGNORE_CIPHERTEXT' as const] }
  expect(await told({ ...ignoring, Recipient: recipient() })).toBe('DryRunOperationException')
  expect(await told({ ...ignoring, Recipient: stale })).toBe('ValidationException')
})

it('the second of several roots is as good as the first', async () => {
  // `own` is the second of the file.
  const { CiphertextForRecipient } = await kms.send(
    new GenerateRandomCommand({ NumberOfBytes: 8, Recipient: recipient() }),
  )
  expect(CiphertextForRecipient).toBeDefined()
})
