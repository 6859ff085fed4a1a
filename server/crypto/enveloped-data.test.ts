// Envelopes that the openssl command opens, laid out as AWS's own.
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { expect, it } from 'vitest'
import { envelop, readRecipientKey } from './enveloped-data.ts'
import { exportPublicKey, type PublicKey } from './key-pair.ts'
import { hasOpenssl, openssl } from './testing/openssl.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

function spki(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' })
}

/** With the lowest bit cleared of the byte so far from the end. */
function cleared(bytes: Buffer, at: number): Buffer {
  const index = bytes.length + at
  bytes[index] = (bytes[index] as number) & 0xfe
  return bytes
}

function opened(envelope: Buffer): Buffer {
  const key = Buffer.from(privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const command = 'cms -decrypt -inform DER -in envelope -inkey key -out out'.split(' ')
  const { succeeded, out } = openssl({ envelope, key }, ...command)
  expect(succeeded).toBe(true)
  return out
}

it.runIf(hasOpenssl).each([1, 16, 32, 4096])(
  'the openssl command opens an envelope of %i bytes',
  (length) => {
    const plaintext = Buffer.alloc(length, 0xa5)
    expect(opened(envelop(publicKey as PublicKey, plaintext))).toEqual(plaintext)
  },
)

it('an envelope has the layout of those that AWS makes', () => {
  const hex = envelop(publicKey as PublicKey, Buffer.alloc(28)).toString('hex')
  const layout = [
    '308006092a864886f70d010703a080308002010231', // EnvelopedData, version 2
    '82016b308201670201028020[0-9a-f]{64}', // for the holder of one key, by its identifier
    '303c06092a864886f70d010107302fa00f300d06096086480165030402010500',
    'a11c301a06092a864886f70d010108300d06096086480165030402010500', // OAEP, SHA-256 twice
    '04820100[0-9a-f]{512}',
    '308006092a864886f70d010701301d060960864801650304012a0410[0-9a-f]{32}', // AES-256-CBC
    'a0800420[0-9a-f]{64}0000',
    '0000000000000000',
  ]
  expect(hex).toMatch(new RegExp(`^${layout.join('')}$`))
})

it('no two envelopes share a content key or an IV', () => {
  const make = () => envelop(publicKey as PublicKey, Buffer.alloc(16)).toString('hex')
  const [first, second] = [make(), make()]
  expect(first.slice(260)).not.toBe(second.slice(260))
  expect(first.slice(-88)).not.toBe(second.slice(-88))
})

it('a recipient has an RSA key of at least 2048 bits, written as DER', () => {
  const read = readRecipientKey(spki(publicKey))
  expect(read && exportPublicKey(read)).toEqual(spki(publicKey))
  const large = generateKeyPairSync('rsa', { modulusLength: 3072 }).publicKey
  expect(readRecipientKey(spki(large))).toBeDefined()
})

it.each([
  ['a smaller one', () => spki(generateKeyPairSync('rsa', { modulusLength: 2047 }).publicKey)],
  ['a curve', () => spki(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey)],
  ['PSS only', () => spki(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey)],
  ['an even modulus', () => cleared(spki(publicKey), -6)],
  ['an even exponent', () => cleared(spki(publicKey), -1)],
  ['bytes behind it', () => Buffer.concat([spki(publicKey), Buffer.of(0)])],
  ['no bytes', () => Buffer.of()],
  ['PKCS #1', () => publicKey.export({ format: 'der', type: 'pkcs1' })],
  ['PEM', () => Buffer.from(publicKey.export({ format: 'pem', type: 'spki' }))],
  ['a private key', () => privateKey.export({ format: 'der', type: 'pkcs8' })],
])('a recipient has no other key: %s', (_name, make) => {
  expect(readRecipientKey(make())).toBeUndefined()
})

it('a recipient cannot choose an exponent that makes encrypting slow', () => {
  const bytes = spki(publicKey)
  // The exponent 65537 at the end becomes one as long as the modulus allows in the same place.
  const large = Buffer.concat([bytes.subarray(0, -5), Buffer.from('02050100000001', 'hex')])
  large.writeUInt16BE(large.readUInt16BE(2) + 2, 2)
  large.writeUInt16BE(large.readUInt16BE(21) + 2, 21)
  large.writeUInt16BE(large.readUInt16BE(26) + 2, 26)
  expect(readRecipientKey(large)).toBeUndefined()
})
