// The key pair of an asymmetric key, and material that is none.
import { expect, it } from 'vitest'
import { exportPublicKey, newKeyPair } from '../../../crypto/key-pair.ts'
import type { Key } from '../keys/key.ts'
import { currentKeyPair } from './key-pair.ts'

const key = { materialId: 'ab'.repeat(32) } as Key
const callWith = (found: unknown) =>
  ({ stores: { backingKeys: { find: () => found } } }) as unknown as Parameters<
    typeof currentKeyPair
  >[1]

it('a key pair is found now or later', async () => {
  const { privateKey, publicKey } = await newKeyPair('ECC_NIST_P256')
  const pair = { kind: 'pair', privateKey, publicKey, publicKeyBytes: exportPublicKey(publicKey) }
  expect(currentKeyPair(key, callWith(pair))).toBe(pair)
  expect(await currentKeyPair(key, callWith(Promise.resolve(pair)))).toBe(pair)
})

it('The material of an asymmetric key is a key pair.', () => {
  for (const found of [undefined, { kind: 'secret' }]) {
    expect(() => currentKeyPair(key, callWith(found))).toThrow(
      'needs: The material of an asymmetric key is a key pair.',
    )
  }
})
