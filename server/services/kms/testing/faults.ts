// Calls that are at fault in one way each, one for every error that an operation declares: a valid call,
// spoiled. Errors by the state of a key are not here but in `keys/key-states.json`.
import { CreateAliasCommand, type KMSClient } from '@aws-sdk/client-kms'
import type { TestServer } from '../../../testing/test-server.ts'
import type { KeyKind } from './calls.ts'
import { NO_GRANT_ID } from './grants.ts'
import { newExternalKey, parametersFor, wrapped } from './importing.ts'
import { NO_KEY_STORE } from './missing-key-store.ts'
import { alterKey, NO_KEY_ID, newKey, newKeyOf, type StoredKey } from './stored-key.ts'

type Input = Readonly<Record<string, unknown>>

/** What there is to make a fault of. */
export type Scene = {
  readonly server: TestServer
  readonly kms: KMSClient
  /** What a call of the operation that succeeds would send, and the key that it is about. */
  readonly input: Input
  readonly key: StoredKey
  readonly kind: KeyKind
}

/** The members to send instead. */
export type Fault = (scene: Scene) => Input | Promise<Input>

const NOWHERE = 'arn:aws:s3:::bucket'
/** That nobody has, in the account of the tests. */
const NOBODY = 'arn:aws:iam::111122223333:user/nobody'

/** The member that names the key; the destination where there are two. */
function keyMember(input: Input): string {
  const members = ['KeyId', 'DestinationKeyId', 'TargetKeyId']
  return members.find((name) => name in input) ?? 'KeyId'
}

function instead(id: string): Fault {
  return ({ input }) => ({ [keyMember(input)]: id })
}

/** Of every operation that declares the error, unless `FAULTS` has another. */
export const COMMON_FAULTS: Readonly<Record<string, Fault>> = {
  NotFoundException: instead(NO_KEY_ID),
  InvalidArnException: instead(NOWHERE),
  InvalidGrantTokenException: () => ({ GrantTokens: ['no token'] }),
  InvalidMarkerException: () => ({ Marker: '!' }),
  InvalidGrantIdException: () => ({ GrantId: 'no id' }),
  DryRunOperationException: () => ({ DryRun: true }),
  CustomKeyStoreNotFoundException: () => ({ CustomKeyStoreId: NO_KEY_STORE }),
  TagException: () => ({ Tags: [{ TagKey: 'aws:a', TagValue: 'b' }] }),
  MalformedPolicyDocumentException: () => ({ Policy: '{}' }),
  InvalidKeyUsageException: async ({ kms, kind, input }) => {
    const other =
      kind.spec === 'HMAC_256' ? newKey(kms) : newKeyOf(kms, 'HMAC_256', 'GENERATE_VERIFY_MAC')
    return { [keyMember(input)]: (await other).id }
  },
}

/** A policy longer than a key can have, of which nothing is wrong. */
const LONG_POLICY = `{"Version":"2012-10-17",${' '.repeat(32_768)}"Statement":[]}`
const NO_CIPHERTEXT: Fault = () => ({ CiphertextBlob: Buffer.alloc(200, 1) })
const LOCAL_KEY: Fault = async ({ kms }) => ({ KeyId: (await newKey(kms)).id })
const SIGNING_KEY: Fault = async ({ kms }) => ({ KeyId: (await newKeyOf(kms, 'ECC_NIST_P256')).id })
const MANAGED_ALIAS: Fault = () => ({ AliasName: 'alias/aws/s3' })
const SM2: Fault = () => ({ KeyPairSpec: 'SM2' })

let aliases = 0

/** A key that has as many aliases as one can have. */
const FULL_OF_ALIASES: Fault = async ({ kms }) => {
  const key = await newKey(kms)
  for (let count = 0; count < 50; count++) {
    const AliasName = `alias/one-of-many-${aliases++}`
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: key.id }))
  }
  return { TargetKeyId: key.id }
}

/** By operation and error. */
export const FAULTS: Readonly<Record<string, Readonly<Record<string, Fault>>>> = {
  CreateAlias: {
    async AlreadyExistsException({ kms, key }) {
      const AliasName = 'alias/there-already'
      await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: key.id }))
      return { AliasName }
    },
    InvalidAliasNameException: () => ({ AliasName: 'alias/' }),
    LimitExceededException: FULL_OF_ALIASES,
    NotAuthorizedException: MANAGED_ALIAS,
  },
  CreateCustomKeyStore: { UnsupportedOperationException: () => ({ CustomKeyStoreName: 'a' }) },
  CreateKey: {
    LimitExceededException: () => ({ Policy: LONG_POLICY }),
    UnsupportedOperationException: () => ({ KeySpec: 'SM2', KeyUsage: 'SIGN_VERIFY' }),
  },
  Decapsulate: {
    InvalidCiphertextException: () => ({ SharedSecretCiphertextBlob: Buffer.alloc(767) }),
  },
  Decrypt: { IncorrectKeyException: LOCAL_KEY, InvalidCiphertextException: NO_CIPHERTEXT },
  DeleteAlias: {
    KMSInvalidStateException: MANAGED_ALIAS,
    NotFoundException: () => ({ AliasName: 'alias/of-nothing' }),
  },
  DeleteImportedKeyMaterial: { UnsupportedOperationException: LOCAL_KEY },
  DisableKeyRotation: { UnsupportedOperationException: SIGNING_KEY },
  EnableKeyRotation: { UnsupportedOperationException: SIGNING_KEY },
  GenerateDataKeyPair: { UnsupportedOperationException: SM2 },
  GenerateDataKeyPairWithoutPlaintext: { UnsupportedOperationException: SM2 },
  GetParametersForImport: { UnsupportedOperationException: LOCAL_KEY },
  GetPublicKey: { UnsupportedOperationException: LOCAL_KEY },
  ImportKeyMaterial: {
    IncorrectKeyMaterialException: async ({ kms }) => {
      const key = await newExternalKey(kms)
      const parameters = await parametersFor(kms, key)
      return {
        KeyId: key.id,
        ImportToken: parameters.ImportToken,
        EncryptedKeyMaterial: wrapped(parameters, Buffer.alloc(31)),
      }
    },
    InvalidCiphertextException: () => ({ EncryptedKeyMaterial: Buffer.alloc(256, 1) }),
    InvalidImportTokenException: () => ({ ImportToken: Buffer.alloc(100, 1) }),
    UnsupportedOperationException: LOCAL_KEY,
  },
  ListKeyRotations: { UnsupportedOperationException: SIGNING_KEY },
  ListRetirableGrants: {
    InvalidArnException: () => ({ RetiringPrincipal: NOBODY }),
  },
  PutKeyPolicy: { LimitExceededException: () => ({ Policy: LONG_POLICY }) },
  ReEncrypt: {
    IncorrectKeyException: async ({ kms }) => ({ SourceKeyId: (await newKey(kms)).id }),
    InvalidCiphertextException: NO_CIPHERTEXT,
  },
  ReplicateKey: {
    AlreadyExistsException: () => ({ ReplicaRegion: 'us-east-1' }),
    LimitExceededException: () => ({ Policy: LONG_POLICY }),
    UnsupportedOperationException: () => ({ ReplicaRegion: 'ap-south-1' }),
  },
  RetireGrant: {
    InvalidGrantTokenException: () => ({ KeyId: undefined, GrantId: undefined, GrantToken: 'a' }),
    NotFoundException: () => ({ GrantId: NO_GRANT_ID }),
  },
  RevokeGrant: { NotFoundException: () => ({ GrantId: NO_GRANT_ID }) },
  RotateKeyOnDemand: {
    async ConflictException({ server, key }) {
      await alterKey(server, key, { rotation_period_days: 365, next_rotation_at_ms: Date.now() })
      return {}
    },
    UnsupportedOperationException: SIGNING_KEY,
  },
  UntagResource: { TagException: () => ({ TagKeys: ['aws:a'] }) },
  UpdateAlias: { LimitExceededException: FULL_OF_ALIASES, NotAuthorizedException: MANAGED_ALIAS },
  UpdatePrimaryRegion: {
    UnsupportedOperationException: () => ({ PrimaryRegion: 'us-east-1' }),
  },
  Verify: { KMSInvalidSignatureException: () => ({ Message: Buffer.from('another text') }) },
  VerifyMac: { KMSInvalidMacException: () => ({ Message: Buffer.from('another text') }) },
}

type Shown = { readonly file: string; readonly title: string }

/** What takes more than an input: the test file beside the operations, and the test's title there. */
export const SHOWN_ELSEWHERE: Readonly<Record<string, Readonly<Record<string, Shown>>>> = {
  CreateGrant: {
    LimitExceededException: {
      file: 'CreateGrant.test.ts',
      title: 'CreateGrant makes no more grants on a key than its quota',
    },
  },
  ImportKeyMaterial: {
    ExpiredImportTokenException: {
      file: 'import-refusals.test.ts',
      title: 'a token of yesterday',
    },
  },
  RotateKeyOnDemand: {
    LimitExceededException: {
      file: 'RotateKeyOnDemand.test.ts',
      title: 'RotateKeyOnDemand rotates a key 25 times and no more',
    },
  },
}

/** Valid inputs of the operations that act on no key, as far as a fault needs more than itself. */
export const INPUTS_WITHOUT_KEY: Readonly<Record<string, Input>> = {
  GenerateRandom: { NumberOfBytes: 1 },
  ListRetirableGrants: { RetiringPrincipal: 'arn:aws:iam::111122223333:root' },
}
