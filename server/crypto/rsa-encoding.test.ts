// EMSA-PSS against node's own and Wycheproof's signatures, and encodings that are none.
import {
  constants,
  generateKeyPairSync,
  hash,
  privateEncrypt,
  publicDecrypt,
  verify,
} from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readPublicKey } from './key-pair.ts'
import { digestInfo, encodePss, isPssOf } from './rsa-encoding.ts'
import vectors from './vectors/rsa-pss.json' with { type: 'json' }

const digest = (message: Buffer) => hash('sha256', message, 'buffer')
const message = Buffer.from('a statement')

describe.each(vectors.vectors)('Wycheproof signature of "$message"', (vector) => {
  const key = readPublicKey('RSA_2048', Buffer.from(vectors.publicKey, 'hex'))
  const signed = Buffer.from(vector.message, 'hex')
  const encoded = () =>
    publicDecrypt(
      { key: key ?? '', padding: constants.RSA_NO_PADDING },
      Buffer.from(vector.signature, 'hex'),
    )

  it('is read as one of its message only', () => {
    expect(isPssOf('sha256', digest(signed), encoded())).toBe(true)
    expect(isPssOf('sha256', digest(Buffer.from('else')), encoded())).toBe(false)
  })

  it('is encoded again to the same bytes by its salt', () => {
    // The salt is what stands last in the block once the mask is off.
    const salt = saltOf(encoded())
    expect(encodePss('sha256', digest(signed), 2048, salt)).toEqual(encoded())
  })
})

it.each(['sha256', 'sha384', 'sha512'] as const)(
  'node verifies what is encoded with %s',
  (name) => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const encoded = encodePss(name, hash(name, message, 'buffer'), 2048)
    const padding = constants.RSA_NO_PADDING
    const signature = privateEncrypt({ key: privateKey, padding }, encoded)
    const saltLength = constants.RSA_PSS_SALTLEN_DIGEST
    const options = { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
    expect(verify(name, message, options, signature)).toBe(true)
  },
)

it('an encoding with any bit of it flipped is none', () => {
  const encoded = encodePss('sha256', digest(message), 2048)
  expect(isPssOf('sha256', digest(message), encoded)).toBe(true)
  for (let at = 0; at < encoded.length * 8; at += 5) {
    const flipped = Buffer.from(encoded)
    flipped[at >> 3] = (flipped[at >> 3] as number) ^ (1 << (at & 7))
    expect(isPssOf('sha256', digest(message), flipped), `bit ${at}`).toBe(false)
  }
})

it('an encoding with a salt of another length is none, nor one that is too short', () => {
  const encoded = encodePss('sha256', digest(message), 2048, Buffer.alloc(20))
  expect(isPssOf('sha256', digest(message), encoded)).toBe(false)
  expect(isPssOf('sha256', digest(message), Buffer.alloc(64, 0xbc))).toBe(false)
})

it('a DigestInfo names its hash and ends in the digest', () => {
  const expected = `3031300d060960864801650304020105000420${digest(message).toString('hex')}`
  expect(digestInfo('sha256', digest(message)).toString('hex')).toBe(expected)
})

/** MGF1 written a second time, to take the mask off. */
function saltOf(encoded: Buffer): Buffer {
  const masked = encoded.subarray(0, 223)
  const seed = encoded.subarray(223, 255)
  const stream = Buffer.concat(
    Array.from({ length: 7 }, (_, index) =>
      hash('sha256', Buffer.concat([seed, Buffer.of(0, 0, 0, index)]), 'buffer'),
    ),
  )
  return Buffer.from(masked.map((byte, index) => byte ^ (stream[index] as number))).subarray(-32)
}
