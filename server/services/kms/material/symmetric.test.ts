// The checks and steps that symmetric operations share.
import { expect, it } from 'vitest'
import { ValidationException } from '../../../contract/errors.ts'
import { secretKey } from '../../../crypto/secret-key.ts'
import type { Key } from '../keys/key.ts'
import type { BackingKey } from './backing-key-store.ts'
import { blobHeader, openBlob, readBlob } from './ciphertext-blob.ts'
import * as symmetric from './symmetric.ts'

const KEY_ID = '1234abcd-12ab-34cd-56ef-1234567890ab'
const key = { id: KEY_ID, materialId: 'ab'.repeat(32) } as Key
const material = secretKey(Buffer.alloc(32, 1))
const backingKey: BackingKey = {
  kind: 'secret',
  key: material,
  blobHeader: blobHeader({ account: '111122223333', keyId: KEY_ID, materialId: key.materialId }),
}

const callWith = (found: unknown) =>
  ({ stores: { backingKeys: { find: () => found } } }) as unknown as Parameters<
    typeof symmetric.seal
  >[3]

it('a plaintext is encrypted under the current material, found now or later', async () => {
  for (const found of [backingKey, Promise.resolve(backingKey)]) {
    const bytes = await symmetric.seal(key, { a: 'b' }, Buffer.from('x'), callWith(found))
    const blob = readBlob(bytes)
    expect(blob && openBlob(material, blob, { a: 'b' })?.toString()).toBe('x')
  }
})

it('The current material of an enabled key is there.', async () => {
  const missing = 'needs: The current material of an enabled key is there.'
  const seal = (found: unknown) => symmetric.seal(key, undefined, Buffer.from('x'), callWith(found))
  expect(() => seal(undefined)).toThrow(missing)
  expect(() => seal({ kind: 'pair' })).toThrow(missing)
  await expect(seal(Promise.resolve(undefined))).rejects.toThrow(missing)
})

it('a context that cannot be bound is refused', () => {
  expect(() => symmetric.requireContext({ a: '\ud800' })).toThrow(ValidationException)
  expect(() => symmetric.requireContext({ a: 'b'.repeat(8192) })).toThrow(ValidationException)
  expect(() => symmetric.requireContext({ a: 'b'.repeat(8191) })).not.toThrow()
  expect(() => symmetric.requireContext(undefined)).not.toThrow()
})
