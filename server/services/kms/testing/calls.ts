// One good call of every operation that acts on a key: on which kind of key, made ready how, with what
// input. Tests of what all operations share spoil such a call in one way each.
import * as client from '@aws-sdk/client-kms'
import {
  CreateAliasCommand,
  EncapsulateCommand,
  EncryptCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  ImportKeyMaterialCommand,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
  SignCommand,
} from '@aws-sdk/client-kms'
import { ROOT_A } from '../../../policy/testing/cast.ts'
import { newGrant } from './grants.ts'
import { parametersFor, wrapped } from './importing.ts'
import { newKey, type StoredKey } from './stored-key.ts'

const sdk = client as unknown as Record<string, new (input: object) => never>

/** Sends the operation, whatever its input is. */
export function send(kms: KMSClient, operation: string, input: object): Promise<unknown> {
  const Command = sdk[`${operation}Command`] as new (input: object) => never
  return kms.send(new Command(input))
}

export type KeyKind = { readonly spec: KeySpec; readonly usage: KeyUsageType } & {
  /** Made to have its material imported. */
  readonly isExternal?: boolean
  /** A multi-Region primary key; with a replica that can take its place. */
  readonly regions?: 'one' | 'two'
}

/** Which key the call is about; and whether it can be used, so that there can be something to open or verify. */
export type Subject = {
  readonly kms: KMSClient
  readonly key: StoredKey
  readonly canBeUsed: boolean
}

type Input = Readonly<Record<string, unknown>>

export type ValidCall = {
  readonly kind: KeyKind
  /** What the key must have before it comes into the state that is tried; what it answers goes into the input. */
  readonly before?: (subject: Subject) => Promise<Input>
  readonly input: (subject: Subject) => Input | Promise<Input>
}

const SYMMETRIC = { spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT' } as const
const SIGNING = { spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY' } as const
const AGREEMENT = { spec: 'ECC_NIST_P256', usage: 'KEY_AGREEMENT' } as const
const MAC = { spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' } as const
const ENCAPSULATION = { spec: 'ML_KEM_512', usage: 'ENCAPSULATE_DECAPSULATE' } as const
const EXTERNAL = { ...SYMMETRIC, isExternal: true } as const

const TEXT = Buffer.from('text')
const MATERIAL = Buffer.alloc(32, 7)
const ECDSA = { Message: TEXT, SigningAlgorithm: 'ECDSA_SHA_256' } as const
const HMAC = { Message: TEXT, MacAlgorithm: 'HMAC_SHA_256' } as const
const WRAPPING = { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' } as const
const ML_KEM = { EncapsulationAlgorithm: 'ML_KEM' } as const
/** What stands for a signature, MAC or ciphertext that a key cannot make now. */
const NOTHING = Buffer.alloc(64)

const keyId = ({ key }: Subject) => ({ KeyId: key.id })

function on(kind: KeyKind, input: Input = {}): ValidCall {
  return { kind, input: (subject) => ({ ...keyId(subject), ...input }) }
}

/** One that nothing is done to, for each client. */
const others = new WeakMap<KMSClient, Promise<StoredKey>>()

function anotherKey(kms: KMSClient): Promise<StoredKey> {
  const other = others.get(kms) ?? newKey(kms)
  others.set(kms, other)
  return other
}

let aliases = 0

async function newAlias({ kms, key }: Subject): Promise<{ readonly AliasName: string }> {
  aliases += 1
  const AliasName = `alias/of-a-call-${aliases}`
  await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: key.id }))
  return { AliasName }
}

async function grantOf({ kms, key }: Subject) {
  const { id } = await newGrant(kms, key, { GranteePrincipal: ROOT_A })
  return { KeyId: key.arn, GrantId: id }
}

/** A ciphertext under the key, or under another where the key cannot make one. */
async function ciphertextOf({ kms, key, canBeUsed }: Subject): Promise<Uint8Array> {
  const KeyId = canBeUsed ? key.id : (await anotherKey(kms)).id
  const made = await kms.send(new EncryptCommand({ KeyId, Plaintext: TEXT }))
  return made.CiphertextBlob as Uint8Array
}

async function publicKeyOf({ kms, key, canBeUsed }: Subject): Promise<Uint8Array> {
  if (!canBeUsed) return NOTHING
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: key.id }))
  return PublicKey as Uint8Array
}

/** Material wrapped for the key, which has it already where it can be used. */
async function importOf({ kms, key, canBeUsed }: Subject) {
  const parameters = await parametersFor(kms, key)
  const input = {
    ImportToken: parameters.ImportToken,
    EncryptedKeyMaterial: wrapped(parameters, MATERIAL),
    ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
  } as const
  if (canBeUsed) await kms.send(new ImportKeyMaterialCommand({ KeyId: key.id, ...input }))
  return input
}

async function material(subject: Subject) {
  if (subject.canBeUsed) await importOf(subject)
  return {}
}

/** By the names of `keys/key-states.json`. */
export const VALID_CALLS: Readonly<Record<string, ValidCall>> = {
  CancelKeyDeletion: on(SYMMETRIC),
  CreateAlias: {
    kind: SYMMETRIC,
    input({ key }) {
      aliases += 1
      return { AliasName: `alias/of-a-call-${aliases}`, TargetKeyId: key.id }
    },
  },
  CreateGrant: on(SYMMETRIC, { GranteePrincipal: ROOT_A, Operations: ['Decrypt'] }),
  Decapsulate: {
    kind: ENCAPSULATION,
    async input(subject) {
      const { kms, key, canBeUsed } = subject
      const SharedSecretCiphertextBlob = canBeUsed
        ? (await kms.send(new EncapsulateCommand({ KeyId: key.id, ...ML_KEM })))
            .SharedSecretCiphertextBlob
        : NOTHING
      return { ...keyId(subject), ...ML_KEM, SharedSecretCiphertextBlob }
    },
  },
  Decrypt: {
    kind: SYMMETRIC,
    input: async (subject) => ({
      ...keyId(subject),
      CiphertextBlob: await ciphertextOf(subject),
    }),
  },
  'Decrypt, of whichever key': {
    kind: SYMMETRIC,
    before: async (subject) => ({ CiphertextBlob: await ciphertextOf(subject) }),
    input: () => ({}),
  },
  DeleteAlias: { kind: SYMMETRIC, before: newAlias, input: () => ({}) },
  DeleteImportedKeyMaterial: { kind: EXTERNAL, before: material, input: keyId },
  DeriveSharedSecret: {
    kind: AGREEMENT,
    input: async (subject) => ({
      ...keyId(subject),
      KeyAgreementAlgorithm: 'ECDH',
      PublicKey: await publicKeyOf(subject),
    }),
  },
  DescribeKey: on(SYMMETRIC),
  DisableKey: on(SYMMETRIC),
  DisableKeyRotation: on(SYMMETRIC),
  EnableKey: on(SYMMETRIC),
  EnableKeyRotation: on(SYMMETRIC),
  Encapsulate: on(ENCAPSULATION, ML_KEM),
  Encrypt: on(SYMMETRIC, { Plaintext: TEXT }),
  GenerateDataKey: on(SYMMETRIC, { KeySpec: 'AES_256' }),
  GenerateDataKeyPair: on(SYMMETRIC, { KeyPairSpec: 'ECC_NIST_P256' }),
  GenerateDataKeyPairWithoutPlaintext: on(SYMMETRIC, { KeyPairSpec: 'ECC_NIST_P256' }),
  GenerateDataKeyWithoutPlaintext: on(SYMMETRIC, { NumberOfBytes: 32 }),
  GenerateMac: on(MAC, HMAC),
  GetKeyLastUsage: on(SYMMETRIC),
  GetKeyPolicy: on(SYMMETRIC),
  GetKeyRotationStatus: on(SYMMETRIC),
  GetParametersForImport: { ...on(EXTERNAL, WRAPPING), before: material },
  GetPublicKey: on(SIGNING),
  ImportKeyMaterial: { kind: EXTERNAL, before: importOf, input: keyId },
  ListAliases: on(SYMMETRIC),
  ListGrants: on(SYMMETRIC),
  ListKeyPolicies: on(SYMMETRIC),
  ListKeyRotations: on(SYMMETRIC),
  ListResourceTags: on(SYMMETRIC),
  PutKeyPolicy: on(SYMMETRIC, {
    Policy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: ROOT_A }, Action: 'kms:*', Resource: '*' }],
    }),
  }),
  ReEncrypt: {
    kind: SYMMETRIC,
    input: async ({ kms, key }) => ({
      CiphertextBlob: await ciphertextOf({ kms, key, canBeUsed: false }),
      DestinationKeyId: key.id,
    }),
  },
  'ReEncrypt, its source': {
    kind: SYMMETRIC,
    input: async (subject) => ({
      SourceKeyId: subject.key.id,
      CiphertextBlob: await ciphertextOf(subject),
      DestinationKeyId: (await anotherKey(subject.kms)).id,
    }),
  },
  ReplicateKey: on({ ...SYMMETRIC, regions: 'one' }, { ReplicaRegion: 'eu-west-1' }),
  RetireGrant: { kind: SYMMETRIC, before: grantOf, input: () => ({}) },
  RevokeGrant: { kind: SYMMETRIC, before: grantOf, input: () => ({}) },
  RotateKeyOnDemand: on(SYMMETRIC),
  ScheduleKeyDeletion: on(SYMMETRIC),
  Sign: on(SIGNING, ECDSA),
  TagResource: on(SYMMETRIC, { Tags: [{ TagKey: 'a', TagValue: 'b' }] }),
  UntagResource: on(SYMMETRIC, { TagKeys: ['a'] }),
  UpdateAlias: {
    kind: SYMMETRIC,
    input: async ({ kms, key }) => ({
      ...(await newAlias({ kms, key: await anotherKey(kms), canBeUsed: true })),
      TargetKeyId: key.id,
    }),
  },
  'UpdateAlias, the key it leaves': {
    kind: SYMMETRIC,
    before: newAlias,
    input: async ({ kms }) => ({ TargetKeyId: (await anotherKey(kms)).id }),
  },
  UpdateKeyDescription: on(SYMMETRIC, { Description: 'another' }),
  UpdatePrimaryRegion: on({ ...SYMMETRIC, regions: 'two' }, { PrimaryRegion: 'eu-west-1' }),
  Verify: {
    kind: SIGNING,
    async input(subject) {
      const { kms, key, canBeUsed } = subject
      const Signature = canBeUsed
        ? (await kms.send(new SignCommand({ KeyId: key.id, ...ECDSA }))).Signature
        : NOTHING
      return { ...keyId(subject), ...ECDSA, Signature }
    },
  },
  VerifyMac: {
    kind: MAC,
    async input(subject) {
      const { kms, key, canBeUsed } = subject
      const Mac = canBeUsed
        ? (await kms.send(new GenerateMacCommand({ KeyId: key.id, ...HMAC }))).Mac
        : NOTHING
      return { ...keyId(subject), ...HMAC, Mac }
    },
  },
}
