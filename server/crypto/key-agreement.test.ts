// ECDH with openssl on the other side.
import { describe, expect, it } from 'vitest'
import { sharedSecret } from './key-agreement.ts'
import { exportPublicKey, newKeyPair, withPrivateKeyBytes } from './key-pair.ts'
import { hasOpenssl, openssl } from './testing/openssl.ts'

describe.each([
  ['ECC_NIST_P256', 32],
  ['ECC_NIST_P384', 48],
  ['ECC_NIST_P521', 66],
] as const)('ECDH over %s', (spec, bytes) => {
  it('gives both sides the same secret, as long as the field', async () => {
    const ours = await newKeyPair(spec)
    const theirs = await newKeyPair(spec)
    const secret = await sharedSecret(ours.privateKey, theirs.publicKey)
    expect(secret).toHaveLength(bytes)
    expect(await sharedSecret(theirs.privateKey, ours.publicKey)).toEqual(secret)
    const other = await newKeyPair(spec)
    expect(await sharedSecret(other.privateKey, ours.publicKey)).not.toEqual(secret)
  })

  it.skipIf(!hasOpenssl)('gives openssl the same secret', async () => {
    const ours = await newKeyPair(spec)
    const theirs = await newKeyPair(spec)
    const peer = exportPublicKey(ours.publicKey)
    const told = withPrivateKeyBytes(theirs.privateKey, (key) => {
      const keys = ['-inkey', 'key', '-keyform', 'DER', '-peerkey', 'peer', '-peerform', 'DER']
      return openssl({ key, peer }, 'pkeyutl', '-derive', ...keys, '-out', 'out')
    })
    expect(told.out).toEqual(await sharedSecret(ours.privateKey, theirs.publicKey))
  })
})
