// The one table of algorithms: key spec × usage × algorithm × sizes. Everything that the API says about
// them derives from it. https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html

export type KeyUsage =
  | 'ENCRYPT_DECRYPT'
  | 'SIGN_VERIFY'
  | 'GENERATE_VERIFY_MAC'
  | 'KEY_AGREEMENT'
  | 'ENCAPSULATE_DECAPSULATE'

export type Hash = 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'

/** Bytes of a digest. */
export const HASH_BYTES = { sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 } as const

/** RSAES-OAEP with MGF1 over the same hash and no label: RFC 8017 §7.1. */
export const OAEP_ALGORITHMS = {
  RSAES_OAEP_SHA_1: { hash: 'sha1' },
  RSAES_OAEP_SHA_256: { hash: 'sha256' },
} as const satisfies Record<string, { hash: Hash }>

/** HMAC: FIPS 198-1. */
export const MAC_ALGORITHMS = {
  HMAC_SHA_224: { hash: 'sha224' },
  HMAC_SHA_256: { hash: 'sha256' },
  HMAC_SHA_384: { hash: 'sha384' },
  HMAC_SHA_512: { hash: 'sha512' },
} as const satisfies Record<string, { hash: Hash }>

/** How the bytes that a caller sends become what is signed. */
export type MessageType = 'RAW' | 'DIGEST' | 'EXTERNAL_MU'

export type SignatureScheme = 'ecdsa' | 'rsa-pkcs1' | 'rsa-pss' | 'ed25519' | 'ed25519ph' | 'ml-dsa'

type SigningDetails = {
  readonly scheme: SignatureScheme
  readonly hash: Hash
  /** The types of message that it takes: `true` for whole messages, else the bytes it must have. */
  readonly messages: Readonly<Partial<Record<MessageType, true | number>>>
}

const hashed = <Scheme extends SignatureScheme, H extends Hash>(scheme: Scheme, hash: H) => ({
  scheme,
  hash,
  messages: { RAW: true, DIGEST: HASH_BYTES[hash] } as const,
})

/**
 * ECDSA signatures are DER (RFC 3279 §2.2.3), those of PSS have a salt as long as the hash. Ed25519ph
 * takes only what its caller hashed, and hashes that again, as API_Sign says of AWS.
 */
export const SIGNING_ALGORITHMS = {
  RSASSA_PKCS1_V1_5_SHA_256: hashed('rsa-pkcs1', 'sha256'),
  RSASSA_PKCS1_V1_5_SHA_384: hashed('rsa-pkcs1', 'sha384'),
  RSASSA_PKCS1_V1_5_SHA_512: hashed('rsa-pkcs1', 'sha512'),
  RSASSA_PSS_SHA_256: hashed('rsa-pss', 'sha256'),
  RSASSA_PSS_SHA_384: hashed('rsa-pss', 'sha384'),
  RSASSA_PSS_SHA_512: hashed('rsa-pss', 'sha512'),
  ECDSA_SHA_256: hashed('ecdsa', 'sha256'),
  ECDSA_SHA_384: hashed('ecdsa', 'sha384'),
  ECDSA_SHA_512: hashed('ecdsa', 'sha512'),
  ED25519_SHA_512: { scheme: 'ed25519', hash: 'sha512', messages: { RAW: true } },
  ED25519_PH_SHA_512: { scheme: 'ed25519ph', hash: 'sha512', messages: { DIGEST: 64 } },
  // The hash is SHAKE256, and an external mu is 64 bytes of it: FIPS 204 §6.2.
  ML_DSA_SHAKE_256: { scheme: 'ml-dsa', hash: 'sha512', messages: { RAW: true, EXTERNAL_MU: 64 } },
} as const satisfies Record<string, SigningDetails>

export type OaepAlgorithm = keyof typeof OAEP_ALGORITHMS
export type MacAlgorithm = keyof typeof MAC_ALGORITHMS
export type SigningAlgorithm = keyof typeof SIGNING_ALGORITHMS
export type EncryptionAlgorithm = 'SYMMETRIC_DEFAULT' | OaepAlgorithm
export type KeyAgreementAlgorithm = 'ECDH'
export type EncapsulationAlgorithm = 'ML_KEM'

/** What a key of each usage does its work by. */
export type AlgorithmsOf = {
  readonly ENCRYPT_DECRYPT: EncryptionAlgorithm
  readonly SIGN_VERIFY: SigningAlgorithm
  readonly GENERATE_VERIFY_MAC: MacAlgorithm
  readonly KEY_AGREEMENT: KeyAgreementAlgorithm
  readonly ENCAPSULATE_DECAPSULATE: EncapsulationAlgorithm
}

type Usages = { readonly [Usage in KeyUsage]?: readonly AlgorithmsOf[Usage][] }

/** What the material of a spec is, and how large. */
export type MaterialForm =
  | { readonly kind: 'secret'; readonly bytes: number }
  | { readonly kind: 'rsa'; readonly modulusBits: number }
  | { readonly kind: 'ec'; readonly curve: EcCurve }
  | { readonly kind: 'ed25519' }
  | { readonly kind: 'ml-dsa'; readonly parameters: 'ml-dsa-44' | 'ml-dsa-65' | 'ml-dsa-87' }
  | {
      readonly kind: 'ml-kem'
      readonly parameters: 'ml-kem-512' | 'ml-kem-768' | 'ml-kem-1024'
      readonly ciphertextBytes: number
    }

/** Curves by the names that OpenSSL gives them. */
export type EcCurve = 'prime256v1' | 'secp384r1' | 'secp521r1' | 'secp256k1'

type SpecDetails = MaterialForm & { readonly usages: Usages }

const rsa = <Bits extends number>(modulusBits: Bits) =>
  ({
    kind: 'rsa',
    modulusBits,
    usages: {
      ENCRYPT_DECRYPT: ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'],
      SIGN_VERIFY: [
        'RSASSA_PKCS1_V1_5_SHA_256',
        'RSASSA_PKCS1_V1_5_SHA_384',
        'RSASSA_PKCS1_V1_5_SHA_512',
        'RSASSA_PSS_SHA_256',
        'RSASSA_PSS_SHA_384',
        'RSASSA_PSS_SHA_512',
      ],
    },
  }) as const

const nistCurve = <Curve extends EcCurve, Algorithm extends SigningAlgorithm>(
  curve: Curve,
  algorithm: Algorithm,
) => ({ kind: 'ec', curve, usages: { SIGN_VERIFY: [algorithm], KEY_AGREEMENT: ['ECDH'] } }) as const

/** A generated HMAC key is as long as its hash. */
const hmac = <Bytes extends number, Algorithm extends MacAlgorithm>(
  bytes: Bytes,
  algorithm: Algorithm,
) => ({ kind: 'secret', bytes, usages: { GENERATE_VERIFY_MAC: [algorithm] } }) as const

const mlDsa = <Parameters extends string>(parameters: Parameters) =>
  ({ kind: 'ml-dsa', parameters, usages: { SIGN_VERIFY: ['ML_DSA_SHAKE_256'] } }) as const

const mlKem = <Parameters extends string>(parameters: Parameters, ciphertextBytes: number) =>
  ({
    kind: 'ml-kem',
    parameters,
    ciphertextBytes,
    usages: { ENCAPSULATE_DECAPSULATE: ['ML_KEM'] },
  }) as const

/** The first usage and the order of algorithms are as AWS tells them. SM2 is for Regions in China alone. */
export const KEY_SPECS = {
  SYMMETRIC_DEFAULT: {
    kind: 'secret',
    bytes: 32,
    usages: { ENCRYPT_DECRYPT: ['SYMMETRIC_DEFAULT'] },
  },
  RSA_2048: rsa(2048),
  RSA_3072: rsa(3072),
  RSA_4096: rsa(4096),
  ECC_NIST_P256: nistCurve('prime256v1', 'ECDSA_SHA_256'),
  ECC_NIST_P384: nistCurve('secp384r1', 'ECDSA_SHA_384'),
  ECC_NIST_P521: nistCurve('secp521r1', 'ECDSA_SHA_512'),
  ECC_SECG_P256K1: { kind: 'ec', curve: 'secp256k1', usages: { SIGN_VERIFY: ['ECDSA_SHA_256'] } },
  ECC_NIST_EDWARDS25519: {
    kind: 'ed25519',
    usages: { SIGN_VERIFY: ['ED25519_SHA_512', 'ED25519_PH_SHA_512'] },
  },
  HMAC_224: hmac(28, 'HMAC_SHA_224'),
  HMAC_256: hmac(32, 'HMAC_SHA_256'),
  HMAC_384: hmac(48, 'HMAC_SHA_384'),
  HMAC_512: hmac(64, 'HMAC_SHA_512'),
  ML_DSA_44: mlDsa('ml-dsa-44'),
  ML_DSA_65: mlDsa('ml-dsa-65'),
  ML_DSA_87: mlDsa('ml-dsa-87'),
  ML_KEM_512: mlKem('ml-kem-512', 768),
  ML_KEM_768: mlKem('ml-kem-768', 1088),
  ML_KEM_1024: mlKem('ml-kem-1024', 1568),
} as const satisfies Record<string, SpecDetails>

export type KeySpec = keyof typeof KEY_SPECS
/** A spec whose material is a key pair. */
export type KeyPairSpec = {
  [Spec in KeySpec]: (typeof KEY_SPECS)[Spec] extends { kind: 'secret' } ? never : Spec
}[KeySpec]

export function isKeySpec(text: string): text is KeySpec {
  return Object.hasOwn(KEY_SPECS, text)
}

/** What the material of the spec is. */
export function materialForm(spec: KeySpec): MaterialForm {
  return KEY_SPECS[spec]
}

export function isKeyPairSpec(spec: KeySpec): spec is KeyPairSpec {
  return KEY_SPECS[spec].kind !== 'secret'
}

/** How long material is that is secret as a whole. */
export function secretBytes(spec: Exclude<KeySpec, KeyPairSpec>): number {
  return KEY_SPECS[spec].bytes
}

/** What a key of this spec and usage works by; nothing where the spec has no such usage. */
export function algorithmsOf<Usage extends KeyUsage>(
  spec: KeySpec,
  usage: Usage,
): readonly AlgorithmsOf[Usage][] {
  const { usages }: SpecDetails = KEY_SPECS[spec]
  return (usages[usage] as readonly AlgorithmsOf[Usage][] | undefined) ?? []
}

/** The longest plaintext that an RSA key encrypts, in bytes: RFC 8017 §7.1.1. */
export function oaepMaxBytes(spec: KeySpec, algorithm: OaepAlgorithm): number {
  const form = materialForm(spec)
  if (form.kind !== 'rsa') return 0
  return form.modulusBits / 8 - 2 * HASH_BYTES[OAEP_ALGORITHMS[algorithm].hash] - 2
}

/** How material to be imported is wrapped: whole by RSAES-OAEP, or by an AES key that is (PKCS #11 v3.1 §6.1.26). */
export const WRAPPING_ALGORITHMS = {
  RSAES_OAEP_SHA_1: { oaep: 'RSAES_OAEP_SHA_1', byAesKey: false },
  RSAES_OAEP_SHA_256: { oaep: 'RSAES_OAEP_SHA_256', byAesKey: false },
  RSA_AES_KEY_WRAP_SHA_1: { oaep: 'RSAES_OAEP_SHA_1', byAesKey: true },
  RSA_AES_KEY_WRAP_SHA_256: { oaep: 'RSAES_OAEP_SHA_256', byAesKey: true },
} as const satisfies Record<string, { oaep: OaepAlgorithm; byAesKey: boolean }>

export type WrappingAlgorithm = keyof typeof WRAPPING_ALGORITHMS
export type WrappingKeySpec = 'RSA_2048' | 'RSA_3072' | 'RSA_4096'

/** An HMAC key may be longer than its hash, up to this: more than the block of any hash. */
const LONGEST_HMAC_KEY_BYTES = 128

/** Whether keys of this spec take material from outside; AWS has none for ML-DSA and ML-KEM. */
export function isImportable(spec: KeySpec): boolean {
  return ['secret', 'rsa', 'ec', 'ed25519'].includes(materialForm(spec).kind)
}

/** Whether secret material of this length makes a key of the spec: RFC 2104 §3 for HMAC. */
export function isSecretLength(spec: Exclude<KeySpec, KeyPairSpec>, bytes: number): boolean {
  const needed = secretBytes(spec)
  if (spec === 'SYMMETRIC_DEFAULT') return bytes === needed
  return bytes >= needed && bytes <= LONGEST_HMAC_KEY_BYTES
}

/**
 * Whether material of the spec is wrapped so: RSA keys are too long for RSA itself, and so are those of
 * P-521 for the shortest wrapping key; what is secret as a whole is wrapped directly.
 */
export function isWrappable(
  spec: KeySpec,
  algorithm: WrappingAlgorithm,
  wrappingKey: WrappingKeySpec,
): boolean {
  const { byAesKey } = WRAPPING_ALGORITHMS[algorithm]
  switch (materialForm(spec).kind) {
    case 'secret':
      return !byAesKey
    case 'rsa':
      return byAesKey
    case 'ec':
    case 'ed25519':
      return byAesKey || spec !== 'ECC_NIST_P521' || wrappingKey !== 'RSA_2048'
    default:
      return false
  }
}
