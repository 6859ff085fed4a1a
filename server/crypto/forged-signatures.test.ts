// Signatures that look like ones, against both ways of verifying what is already hashed: at the edges of
// ECDSA's arithmetic, and RSA's that hold something else than the one encoding (the classes of Project
// Wycheproof's rsa_signature_2048_sha256_test.json, made anew: whoever has the private key can sign anything).
import { constants, hash, privateEncrypt } from 'node:crypto'
import { p256, p384, p521 } from '@noble/curves/nist.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { nativeDigestSigner } from './digest-signer-native.ts'
import { scriptedDigestSigner } from './digest-signer-scripted.ts'
import { type KeyPair, newKeyPair, readPublicKey } from './key-pair.ts'
import { loadAddOn } from './native/binding.ts'
import { digestInfo } from './rsa-encoding.ts'
import ecdsa from './vectors/ecdsa-p256.json' with { type: 'json' }

const scripted = scriptedDigestSigner()
const addOn = loadAddOn()
const signers = [
  ['in OpenSSL', addOn && nativeDigestSigner(addOn)],
  ['in JavaScript', scripted],
] as const

const hex = (text: string) => Buffer.from(text, 'hex')
const digest = hash('sha256', 'a statement', 'buffer')
const MODULUS_BYTES = 256

/** 00 01 ff … 00 and what is signed; as much padding as there is room for, unless it is told. */
function padded(content: Buffer, { type = 1, padding = 0, fill = 0xff, separator = 0 } = {}) {
  const room = padding || MODULUS_BYTES - content.length - 3
  const head = [Buffer.of(0, type), Buffer.alloc(room, fill), Buffer.of(separator)]
  const encoded = Buffer.concat([...head, content])
  return Buffer.concat([encoded, Buffer.alloc(MODULUS_BYTES - encoded.length, 0xaa)])
}

const whole = digestInfo('sha256', digest)
const oneByteOff = padded(whole)
oneByteOff[100] = 0xfe

const FORGED: readonly (readonly [string, Buffer])[] = [
  [
    'no NULL after the name of the hash',
    padded(withHead('302f300b0609608648016503040201' + '0420')),
  ],
  ['a length in long form', padded(withHead('308131300d060960864801650304020105000420'))],
  ['a length in long form within', padded(withHead('3032300d06096086480165030402010500048120'))],
  ['the name of another hash', padded(withHead('3031300d060960864801650304020205000420'))],
  ['the digest alone', padded(digest)],
  ['a digest that is cut', padded(whole.subarray(0, -1))],
  ['zeros after the digest', padded(Buffer.concat([whole, Buffer.alloc(8)]))],
  ['eight bytes of padding, and what one likes behind', padded(whole, { padding: 8 })],
  ['two bytes of padding, and what one likes behind', padded(whole, { padding: 2 })],
  ['padding of type 0', padded(whole, { type: 0, fill: 0 })],
  ['padding of type 2', padded(whole, { type: 2 })],
  ['padding of other bytes', padded(whole, { fill: 0xfe })],
  ['one other byte in the padding', oneByteOff],
  ['no zero after the padding', padded(whole, { separator: 0xff })],
]

function withHead(head: string): Buffer {
  return Buffer.concat([hex(head), digest])
}

let rsa: KeyPair
beforeAll(async () => {
  rsa = await newKeyPair('RSA_2048')
})

function signedRaw(encoded: Buffer): Buffer {
  return privateEncrypt({ key: rsa.privateKey, padding: constants.RSA_NO_PADDING }, encoded)
}

describe.each(signers)('Verifying %s', (_where, signer) => {
  // Without a compiler there is no add-on, and what takes its place is tested alone.
  describe.skipIf(signer === undefined)('what is already hashed', () => {
    const { verify } = signer ?? scripted
    const isRsa = (encoded: Buffer) =>
      verify(rsa.publicKey, 'RSASSA_PKCS1_V1_5_SHA_256', digest, signedRaw(encoded))

    it('takes the one encoding of PKCS #1 v1.5', async () => {
      expect(await isRsa(padded(whole))).toBe(true)
    })

    it.each(FORGED)('takes no signature of PKCS #1 v1.5 with %s', async (_what, encoded) => {
      expect(await isRsa(encoded)).toBe(false)
    })

    it.each(ecdsa.vectors)('of Wycheproof with $what: $valid', async (vector) => {
      const key = readPublicKey('ECC_NIST_P256', hex(ecdsa.spki + vector.publicKey))
      const hashed = hash('sha256', hex(ecdsa.message), 'buffer')
      const told = await verify(key as never, 'ECDSA_SHA_256', hashed, hex(vector.signature))
      expect(told).toBe(vector.valid)
    })

    it.each([
      ['ECC_NIST_P256', 'ECDSA_SHA_256', p256],
      ['ECC_NIST_P384', 'ECDSA_SHA_384', p384],
      ['ECC_NIST_P521', 'ECDSA_SHA_512', p521],
      ['ECC_SECG_P256K1', 'ECDSA_SHA_256', secp256k1],
    ] as const)('takes no numbers out of range for signatures by %s', async (spec, name, curve) => {
      const { publicKey } = await newKeyPair(spec)
      const { ORDER: order } = curve.Point.Fn
      const { ORDER: field } = curve.Point.Fp
      const input = Buffer.alloc({ ECDSA_SHA_256: 32, ECDSA_SHA_384: 48, ECDSA_SHA_512: 64 }[name])
      const numbers = [0n, order, order + 1n, field, field + 1n]
      for (const [r, s] of numbers.flatMap((one) => [[one, 1n] as const, [1n, one] as const])) {
        const told = await verify(publicKey, name, input, signatureOf(r, s))
        expect(told, `${r.toString(16)}, ${s.toString(16)}`).toBe(false)
      }
    })
  })
})

/** Ecdsa-Sig-Value (RFC 3279 §2.2.3) of any two numbers. */
function signatureOf(...numbers: readonly bigint[]): Buffer {
  const content = Buffer.concat(
    numbers.map((number) => {
      const digits = number.toString(16)
      const bytes = hex(`00${digits.length % 2 === 0 ? '' : '0'}${digits}`)
      const least = (bytes[1] as number) < 0x80 ? bytes.subarray(1) : bytes
      return Buffer.concat([Buffer.of(2, least.length), least])
    }),
  )
  const length = content.length < 0x80 ? [content.length] : [0x81, content.length]
  return Buffer.concat([Buffer.of(0x30, ...length), content])
}
