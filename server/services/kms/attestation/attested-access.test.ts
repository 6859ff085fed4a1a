// What policies and grants make of attestation documents: kms:RecipientAttestation:….
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import {
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  type DecryptCommandInput,
  EncryptCommand,
  GenerateRandomCommand,
  type KMSClient,
  type RecipientInfo,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { enclave, filled, IMAGE, MODULE_ID, rootFile } from '../testing/attestation.ts'
import { recordOf } from '../testing/recorded.ts'
import { NO_KEY_ID } from '../testing/stored-key.ts'

const ROOT = 'arn:aws:iam::111122223333:root'
const PCR = 'kms:RecipientAttestation:PCR'

const { recipient, root } = enclave()
const roots = rootFile(root)

let server: TestServer
let kms: KMSClient
/** A user whom no IAM policy allows anything but random bytes, for this image. */
let user: KMSClient
let userArn: string
beforeAll(async () => {
  server = await testServer({ nitroRoot: roots.path })
  kms = server.kms()
  const iam = server.iam()
  const { User } = await iam.send(new CreateUserCommand({ UserName: 'enclave' }))
  userArn = User?.Arn as string
  await iam.send(
    new PutUserPolicyCommand({
      UserName: 'enclave',
      PolicyName: 'random',
      PolicyDocument: policy(
        allow('kms:GenerateRandom', {
          StringEqualsIgnoreCase: { 'kms:RecipientAttestation:ImageSha384': IMAGE.toUpperCase() },
        }),
      ),
    }),
  )
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'enclave' }))
  user = server.kms({
    credentials: {
      accessKeyId: AccessKey?.AccessKeyId as string,
      secretAccessKey: AccessKey?.SecretAccessKey as string,
    },
  })
})
afterAll(async () => {
  roots.remove()
  await server.close()
})

function policy(...statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements })
}

function allow(Action: string | readonly string[], Condition?: object, Principal?: object) {
  return { Effect: 'Allow', Action, Resource: '*', Condition, Principal }
}

const EVERYONE = { AWS: '*' }
const ADMINISTRATION = allow(['kms:PutKeyPolicy', 'kms:Encrypt', 'kms:CreateGrant'], undefined, {
  AWS: ROOT,
})

/** A ciphertext under a new key, whose administrators may not decrypt unless these let them. */
async function encrypted(...statements: readonly object[]) {
  const { KeyMetadata } = await kms.send(
    new CreateKeyCommand({ Policy: policy(ADMINISTRATION, ...statements) }),
  )
  const KeyId = KeyMetadata?.KeyId as string
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId, Plaintext: Buffer.from('secret') }),
  )
  return { KeyId, CiphertextBlob }
}

type Encrypted = Awaited<ReturnType<typeof encrypted>>

/** The name of the error, or `answered`. */
function told(
  secret: Partial<Encrypted>,
  Recipient?: RecipientInfo,
  client = kms,
  more: Partial<DecryptCommandInput> = {},
): Promise<string> {
  const input = { ...secret, ...(Recipient && { Recipient }), ...more }
  return client.send(new DecryptCommand(input)).then(
    () => 'answered',
    ({ name }) => name,
  )
}

const decryptIf = (Condition: object) => allow('kms:Decrypt', Condition, { AWS: ROOT })

it('a key is for the image that its policy names, and for no call without a document', async () => {
  const secret = await encrypted(
    decryptIf({ StringEquals: { 'kms:RecipientAttestation:ImageSha384': IMAGE } }),
  )
  expect(await told(secret, recipient())).toBe('answered')
  expect(await told(secret)).toBe('AccessDeniedException')
  const other = recipient({ pcrs: new Map([[0, filled(1)]]) })
  expect(await told(secret, other)).toBe('AccessDeniedException')
  // A document without any register 0, of an enclave or of a NitroTPM.
  expect(await told(secret, recipient({ pcrs: new Map([[1, filled(0xab)]]) }))).toBe(
    'AccessDeniedException',
  )
  const tpm = recipient({ pcrs: undefined, nitrotpm_pcrs: new Map([[0, filled(0xab)]]) })
  expect(await told(secret, tpm)).toBe('AccessDeniedException')
})

it('all registers that a policy names must have their values', async () => {
  const of = (byte: number) => Buffer.from(filled(byte)).toString('hex')
  const secret = await encrypted(
    decryptIf({ StringEquals: { [`${PCR}0`]: IMAGE, [`${PCR}8`]: of(8), [`${PCR}31`]: of(9) } }),
  )
  const registers = (last: number) =>
    new Map([
      [0, filled(0xab)],
      [8, filled(8)],
      [31, filled(last)],
    ])
  expect(await told(secret, recipient({ pcrs: registers(9) }))).toBe('answered')
  expect(await told(secret, recipient({ pcrs: registers(8) }))).toBe('AccessDeniedException')
  expect(await told(secret, recipient())).toBe('AccessDeniedException')
})

it('registers of a NitroTPM are not those of an enclave', async () => {
  const value = Buffer.from(filled(4)).toString('hex')
  const secret = await encrypted(
    decryptIf({ StringEquals: { 'kms:RecipientAttestation:NitroTPMPCR4': value } }),
  )
  const registers = new Map([[4, filled(4)]])
  const tpm = recipient({ pcrs: undefined, nitrotpm_pcrs: registers })
  expect(await told(secret, tpm)).toBe('answered')
  expect(await told(secret, recipient({ pcrs: registers }))).toBe('AccessDeniedException')
})

it('values are in lower case, which matters where case does', async () => {
  const upper = { [`${PCR}0`]: IMAGE.toUpperCase() }
  const exact = await encrypted(decryptIf({ StringEquals: upper }))
  expect(await told(exact, recipient())).toBe('AccessDeniedException')
  const lax = await encrypted(decryptIf({ StringEqualsIgnoreCase: upper }))
  expect(await told(lax, recipient())).toBe('answered')
})

it('a Deny that excepts an image hits other images, and calls without a document', async () => {
  const secret = await encrypted(allow('kms:Decrypt', undefined, { AWS: ROOT }), {
    ...allow('kms:Decrypt', { StringNotEqualsIgnoreCase: { [`${PCR}0`]: IMAGE } }, EVERYONE),
    Effect: 'Deny',
  })
  expect(await told(secret, recipient())).toBe('answered')
  expect(await told(secret)).toBe('AccessDeniedException')
  expect(await told(secret, recipient({ pcrs: new Map([[0, filled(1)]]) }))).toBe(
    'AccessDeniedException',
  )
})

it('what one call proved does not count for the next', async () => {
  const secret = await encrypted(decryptIf({ Null: { [`${PCR}0`]: 'false' } }))
  const Recipient = recipient()
  expect(await told(secret, Recipient)).toBe('answered')
  expect(await told(secret)).toBe('AccessDeniedException')
  const unattested = await encrypted(decryptIf({ Null: { [`${PCR}0`]: 'true' } }))
  expect(await told(unattested)).toBe('answered')
  expect(await told(unattested, Recipient)).toBe('AccessDeniedException')
})

it('a grant is worth no more than a Deny leaves of it', async () => {
  const secret = await encrypted({
    ...allow('kms:Decrypt', { StringNotEquals: { [`${PCR}0`]: IMAGE } }, EVERYONE),
    Effect: 'Deny',
  })
  await kms.send(
    new CreateGrantCommand({
      KeyId: secret.KeyId,
      GranteePrincipal: userArn,
      Operations: ['Decrypt'],
    }),
  )
  expect(await told(secret, recipient(), user)).toBe('answered')
  expect(await told(secret, undefined, user)).toBe('AccessDeniedException')
})

it('a dry run tells whether the document would let the call in', async () => {
  const secret = await encrypted(decryptIf({ StringEquals: { [`${PCR}0`]: IMAGE } }))
  const dry = { DryRun: true }
  expect(await told(secret, recipient(), kms, dry)).toBe('DryRunOperationException')
  expect(await told(secret, undefined, kms, dry)).toBe('AccessDeniedException')
  const { KeyId } = secret
  const ignoring = { ...dry, DryRunModifiers: ['IGNORE_CIPHERTEXT' as const] }
  expect(await told({ KeyId }, recipient(), kms, ignoring)).toBe('DryRunOperationException')
  expect(await told({ KeyId }, undefined, kms, ignoring)).toBe('AccessDeniedException')
})

it('IAM policies ask for documents, too: random bytes for this image alone', async () => {
  const random = (Recipient?: RecipientInfo) =>
    user.send(new GenerateRandomCommand({ NumberOfBytes: 8, ...(Recipient && { Recipient }) }))
  expect((await random(recipient())).CiphertextForRecipient).toBeDefined()
  expect((await refusalOf(random())).name).toBe('AccessDeniedException')
  const other = recipient({ pcrs: new Map([[0, filled(1)]]) })
  expect((await refusalOf(random(other))).name).toBe('AccessDeniedException')
})

it('who may not use a key is told so, whatever attests them, and the record says who that was', async () => {
  const secret = await encrypted()
  const denied = user.send(
    new DecryptCommand({ CiphertextBlob: secret.CiphertextBlob, Recipient: recipient() }),
  )
  const record = await recordOf(server, denied)
  expect(record).toMatchObject({
    errorCode: 'AccessDenied',
    additionalEventData: { recipient: { attestationDocumentModuleId: MODULE_ID } },
  })
  // Nor do they hear whether a key exists.
  expect(
    await told({ KeyId: NO_KEY_ID, CiphertextBlob: secret.CiphertextBlob }, recipient(), user),
  ).toBe('AccessDeniedException')
})
