// RSAES-OAEP, both ways with openssl; lengths at their edges; ciphertexts that are none.
import { beforeAll, describe, expect, it } from 'vitest'
import { OAEP_ALGORITHMS, type OaepAlgorithm, oaepMaxBytes } from './algorithms.ts'
import { decryptOaep, encryptOaep } from './encryption.ts'
import { exportPublicKey, type KeyPair, newKeyPair, withPrivateKeyBytes } from './key-pair.ts'
import { hasOpenssl, openssl } from './testing/openssl.ts'

let pair: KeyPair
beforeAll(async () => {
  pair = await newKeyPair('RSA_2048')
})

describe.each(Object.keys(OAEP_ALGORITHMS) as OaepAlgorithm[])('%s', (algorithm) => {
  const { hash } = OAEP_ALGORITHMS[algorithm]
  const options = ['rsa_padding_mode:oaep', `rsa_oaep_md:${hash}`, `rsa_mgf1_md:${hash}`].flatMap(
    (option) => ['-pkeyopt', option],
  )
  const max = oaepMaxBytes('RSA_2048', algorithm)

  it('gives back what it took, up to its longest plaintext', async () => {
    for (const length of [1, 32, max]) {
      const plaintext = Buffer.alloc(length, 7)
      const ciphertext = encryptOaep(pair.publicKey, algorithm, plaintext)
      expect(ciphertext).toHaveLength(256)
      expect(await decryptOaep(pair.privateKey, algorithm, ciphertext)).toEqual(plaintext)
    }
    expect(() => encryptOaep(pair.publicKey, algorithm, Buffer.alloc(max + 1))).toThrow()
  })

  it('is another ciphertext each time', () => {
    const encrypt = () => encryptOaep(pair.publicKey, algorithm, Buffer.from('x'))
    expect(encrypt()).not.toEqual(encrypt())
  })

  it('decrypts nothing that is not its own', async () => {
    const ciphertext = encryptOaep(pair.publicKey, algorithm, Buffer.from('x'))
    const flipped = Buffer.from(ciphertext)
    flipped[9] = (flipped[9] as number) ^ 1
    const other = (Object.keys(OAEP_ALGORITHMS) as OaepAlgorithm[]).find((it) => it !== algorithm)
    const decrypt = (bytes: Uint8Array) => decryptOaep(pair.privateKey, algorithm, bytes)
    expect(await decrypt(flipped)).toBeUndefined()
    expect(await decrypt(ciphertext.subarray(1))).toBeUndefined()
    expect(await decrypt(Buffer.alloc(256, 255))).toBeUndefined()
    expect(await decrypt(Buffer.of())).toBeUndefined()
    expect(await decryptOaep(pair.privateKey, other as OaepAlgorithm, ciphertext)).toBeUndefined()
  })

  it.skipIf(!hasOpenssl)('is what openssl encrypts and decrypts', async () => {
    const plaintext = Buffer.from('a data key')
    const files = { key: exportPublicKey(pair.publicKey), text: plaintext }
    const encrypting = ['-encrypt', '-pubin', '-inkey', 'key', '-keyform', 'DER', '-in', 'text']
    const theirs = openssl(files, 'pkeyutl', ...encrypting, ...options, '-out', 'out')
    expect(await decryptOaep(pair.privateKey, algorithm, theirs.out)).toEqual(plaintext)

    const text = encryptOaep(pair.publicKey, algorithm, plaintext)
    const decrypting = ['-decrypt', '-inkey', 'key', '-keyform', 'DER', '-in', 'text']
    const back = withPrivateKeyBytes(pair.privateKey, (key) =>
      openssl({ key, text }, 'pkeyutl', ...decrypting, ...options, '-out', 'out'),
    )
    expect(back.out).toEqual(plaintext)
  })
})
