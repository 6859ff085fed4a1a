// ML-KEM with an independent implementation on the other side, both ways.
import { ml_kem512, ml_kem768, ml_kem1024 } from '@noble/post-quantum/ml-kem.js'
import { describe, expect, it } from 'vitest'
import { elementAt } from './der.ts'
import { decapsulate, encapsulate } from './key-encapsulation.ts'
import { exportPublicKey, newKeyPair, withPrivateKeyBytes } from './key-pair.ts'

describe.each([
  ['ML_KEM_512', 768, ml_kem512],
  ['ML_KEM_768', 1088, ml_kem768],
  ['ML_KEM_1024', 1568, ml_kem1024],
] as const)('%s', (spec, bytes, other) => {
  it('opens what another implementation encapsulated', async () => {
    const { privateKey, publicKey } = await newKeyPair(spec)
    const point = elementAt(exportPublicKey(publicKey), 0, 1).subarray(1)
    const { cipherText, sharedSecret } = other.encapsulate(point)
    const opened = await decapsulate(spec, privateKey, cipherText)
    expect(opened).toEqual(Buffer.from(sharedSecret))
  })

  it('encapsulates what another implementation opens', async () => {
    const { privateKey, publicKey } = await newKeyPair(spec)
    const { ciphertext, sharedKey } = await encapsulate(publicKey)
    expect([ciphertext.length, sharedKey.length]).toEqual([bytes, 32])
    const opened = withPrivateKeyBytes(privateKey, (pkcs8) =>
      other.decapsulate(ciphertext, elementAt(pkcs8, 0, 2, 0, 1)),
    )
    expect(Buffer.from(opened)).toEqual(sharedKey)
  })

  it('opens a forged ciphertext to some other secret, always the same', async () => {
    const { privateKey, publicKey } = await newKeyPair(spec)
    const { ciphertext, sharedKey } = await encapsulate(publicKey)
    ciphertext[0] = (ciphertext[0] as number) ^ 1
    const opened = await decapsulate(spec, privateKey, ciphertext)
    expect(opened).toHaveLength(32)
    expect(opened).not.toEqual(sharedKey)
    expect(await decapsulate(spec, privateKey, ciphertext)).toEqual(opened)
  })

  it('opens nothing of another length', async () => {
    const { privateKey } = await newKeyPair(spec)
    for (const length of [0, 1, bytes - 1, bytes + 1]) {
      expect(await decapsulate(spec, privateKey, Buffer.alloc(length))).toBeUndefined()
    }
  })
})
