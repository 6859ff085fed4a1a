// Signatures over what is already hashed, without the compiled add-on. RSA stays within OpenSSL; ECDSA,
// Ed25519ph and ML-DSA with an external mu are computed in JavaScript, whose big numbers are neither
// constant in time nor zeroed: `keyhold doctor` and SECURITY.md say so.
import { constants, privateEncrypt, publicDecrypt } from 'node:crypto'
import { ed25519ph } from '@noble/curves/ed25519.js'
import { p256, p384, p521 } from '@noble/curves/nist.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js'
import { type EcCurve, type Hash, SIGNING_ALGORITHMS } from './algorithms.ts'
import { elementAt } from './der.ts'
import { equalInConstantTime } from './digest.ts'
import type { DigestSigner } from './digest-signer.ts'
import {
  exportPublicKey,
  type PrivateKey,
  type PublicKey,
  withPrivateKeyBytes,
} from './key-pair.ts'
import { randomBytes } from './random.ts'
import { digestInfo, encodePss, isPssOf } from './rsa-encoding.ts'

const CURVES = { prime256v1: p256, secp384r1: p384, secp521r1: p521, secp256k1 }
const ML_DSA = { 'ml-dsa-44': ml_dsa44, 'ml-dsa-65': ml_dsa65, 'ml-dsa-87': ml_dsa87 }

/** No half of the range of s is preferred: OpenSSL makes and takes both. */
const ECDSA = { prehash: false, lowS: false, format: 'der' } as const

export function scriptedDigestSigner(): DigestSigner {
  return {
    async sign(key, algorithm, input) {
      const { scheme, hash } = SIGNING_ALGORITHMS[algorithm]
      switch (scheme) {
        case 'rsa-pkcs1':
        case 'rsa-pss':
          return signRsa(key, scheme, hash, input)
        case 'ecdsa':
          return withPrivateKeyBytes(key, (pkcs8) => {
            const options = { ...ECDSA, extraEntropy: randomBytes(32) }
            return Buffer.from(curveOf(key).sign(input, elementAt(pkcs8, 0, 2, 0, 1), options))
          })
        case 'ml-dsa':
          return withPrivateKeyBytes(key, (pkcs8) => {
            const options = { externalMu: true, extraEntropy: randomBytes(32) }
            const expanded = elementAt(pkcs8, 0, 2, 0, 1)
            return Buffer.from(mlDsaOf(key).internal.sign(input, expanded, options))
          })
        default:
          return withPrivateKeyBytes(key, (pkcs8) =>
            Buffer.from(ed25519ph.sign(input, elementAt(pkcs8, 0, 2, 0))),
          )
      }
    },
    async verify(key, algorithm, input, signature) {
      const { scheme, hash } = SIGNING_ALGORITHMS[algorithm]
      try {
        switch (scheme) {
          case 'rsa-pkcs1':
          case 'rsa-pss':
            return isRsaSignature(key, scheme, hash, input, signature)
          case 'ecdsa':
            return curveOf(key).verify(signature, input, publicBytes(key), ECDSA)
          case 'ml-dsa':
            return mlDsaOf(key).internal.verify(signature, input, publicBytes(key), {
              externalMu: true,
            })
          default:
            return ed25519ph.verify(signature, input, publicBytes(key), { zip215: false })
        }
      } catch {
        return false
      }
    },
  }
}

function signRsa(
  key: PrivateKey,
  scheme: 'rsa-pkcs1' | 'rsa-pss',
  hash: Hash,
  digest: Uint8Array,
): Buffer {
  if (scheme === 'rsa-pkcs1') {
    return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digestInfo(hash, digest))
  }
  const encoded = encodePss(hash, digest, key.asymmetricKeyDetails?.modulusLength as number)
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded)
}

function isRsaSignature(
  key: PublicKey,
  scheme: 'rsa-pkcs1' | 'rsa-pss',
  hash: Hash,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length * 8 !== key.asymmetricKeyDetails?.modulusLength) return false
  if (scheme === 'rsa-pkcs1') {
    const told = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature)
    return equalInConstantTime(told, digestInfo(hash, digest))
  }
  return isPssOf(hash, digest, publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature))
}

function curveOf(key: PrivateKey | PublicKey) {
  return CURVES[key.asymmetricKeyDetails?.namedCurve as EcCurve]
}

function mlDsaOf(key: PrivateKey | PublicKey) {
  return ML_DSA[key.asymmetricKeyType as keyof typeof ML_DSA]
}

/** The bit string of SubjectPublicKeyInfo, without the count of its unused bits. */
function publicBytes(key: PublicKey): Buffer {
  return elementAt(exportPublicKey(key), 0, 1).subarray(1)
}
