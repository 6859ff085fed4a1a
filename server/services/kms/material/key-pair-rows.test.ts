// Backing keys of every spec over a real store: what is stored, and what cannot be put in its place.
import { describe, expect, it, vi } from 'vitest'
import {
  isKeyPairSpec,
  KEY_SPECS,
  type KeySpec,
  type KeyUsage,
  materialForm,
} from '../../../crypto/algorithms.ts'
import { fields } from '../../../crypto/fields.ts'
import {
  exportPublicKey,
  newKeyPair,
  publicKeyOf,
  withPrivateKeyBytes,
} from '../../../crypto/key-pair.ts'
import { withKeyBytes } from '../../../crypto/secret-key.ts'
import { dialects } from '../../../storage/testing/dialects.ts'
import type { Key } from '../keys/key.ts'
import { kms } from '../service.ts'
import type { KmsTables } from '../tables.ts'
import { insertKey, newRootKey, openStores, SCOPE, type Stores } from '../testing/stores.ts'
import { backingKeyStore } from './backing-key-store.ts'

const REFUSED =
  'needs: A backing key was wrapped by its domain key, for the key and material it stands with.'
/** Looking for primes of 3072 bits and more takes seconds, and nothing else differs. */
const SPECS = (Object.keys(KEY_SPECS) as KeySpec[]).filter(
  (spec) => spec !== 'RSA_3072' && spec !== 'RSA_4096',
)
const kindOf = (spec: KeySpec) => ({
  spec,
  usage: Object.keys(KEY_SPECS[spec].usages)[0] as KeyUsage,
})

describe.each(dialects)('On $name', (dialect) => {
  const root = newRootKey()
  const fresh = async () => openStores(await dialect.freshStorage(kms.migrations), root)
  /** The material as a process finds it that has nothing in a cache. */
  const reopened = (stores: Stores, key: Key) =>
    Promise.resolve(backingKeyStore(stores.storage, stores.domainKeys).find(key, key.materialId))
  const insert = (stores: Stores, spec: KeySpec) => insertKey(stores, SCOPE, kindOf(spec))

  const tables = ({ storage }: Stores) => storage.read.$extendTables<KmsTables>()
  const rowOf = (stores: Stores, key: Key) =>
    tables(stores)
      .selectFrom('kms_key_materials')
      .selectAll()
      .where('key_id', '=', key.id)
      .executeTakeFirstOrThrow()
  const change = (
    { storage }: Stores,
    { id }: Key,
    values: Partial<KmsTables['kms_key_materials']>,
  ) =>
    storage.write((tx) =>
      tx.db
        .$extendTables<KmsTables>()
        .updateTable('kms_key_materials')
        .set(values)
        .where('key_id', '=', id)
        .execute(),
    )

  it('material of every spec comes back as it was made', async () => {
    const stores = await fresh()
    for (const spec of SPECS) {
      const key = await insert(stores, spec)
      const found = await reopened(stores, key)
      const row = await rowOf(stores, key)
      if (!isKeyPairSpec(spec)) {
        const form = materialForm(spec) as { bytes: number }
        expect(row.public_key).toBeNull()
        expect(row.wrapped).toHaveLength(form.bytes + 44)
        expect(found?.kind === 'secret' && withKeyBytes(found.key, ({ length }) => length)).toBe(
          form.bytes,
        )
        continue
      }
      if (found?.kind !== 'pair') throw new Error(`${spec} is no key pair`)
      expect(exportPublicKey(publicKeyOf(found.privateKey))).toEqual(found.publicKeyBytes)
      expect(exportPublicKey(found.publicKey)).toEqual(found.publicKeyBytes)
      expect(Buffer.from(row.public_key as Uint8Array)).toEqual(found.publicKeyBytes)
      // The private key stands nowhere in the row.
      withPrivateKeyBytes(found.privateKey, (pkcs8) => {
        const secret = pkcs8.subarray(40, 72)
        expect(Buffer.from(row.wrapped).includes(secret)).toBe(false)
      })
    }
  })

  it('no other public key can stand beside a private one', async () => {
    const stores = await fresh()
    const [key, other] = [
      await insert(stores, 'ECC_NIST_P256'),
      await insert(stores, 'ECC_NIST_P256'),
    ]
    const { public_key } = await rowOf(stores, key)
    const flipped = Buffer.from(public_key as Uint8Array)
    flipped[flipped.length - 1] = (flipped.at(-1) as number) ^ 1
    const stranger = exportPublicKey((await newKeyPair('ECC_NIST_P256')).publicKey)
    for (const put of [(await rowOf(stores, other)).public_key, stranger, flipped, null]) {
      await change(stores, key, { public_key: put })
      await expect(reopened(stores, key)).rejects.toThrow(REFUSED)
    }
    await change(stores, key, { public_key })
    expect(await reopened(stores, key)).toBeDefined()
  })

  it('a public key cannot be added to material that has none', async () => {
    const stores = await fresh()
    const key = await insert(stores, 'HMAC_256')
    const stranger = exportPublicKey((await newKeyPair('ECC_NIST_P256')).publicKey)
    await change(stores, key, { public_key: stranger })
    await expect(reopened(stores, key)).rejects.toThrow(REFUSED)
  })

  it('a key pair does not open as one of another spec or usage', async () => {
    const stores = await fresh()
    const key = await insert(stores, 'ECC_NIST_P256')
    for (const changed of [
      { spec: 'ECC_SECG_P256K1' },
      { usage: 'KEY_AGREEMENT' },
      { spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT' },
    ] as const) {
      await expect(reopened(stores, { ...key, ...changed })).rejects.toThrow(REFUSED)
    }
  })

  it('The public key of a key pair stands beside it.', async () => {
    const stores = await fresh()
    const key = await insert(stores, 'ECC_NIST_P256')
    const row = await rowOf(stores, key)
    const { privateKey } = await newKeyPair('ECC_NIST_P256')
    const domainKey = await stores.domainKeys.get(row.domain_key_id)
    // Bound as it should be, but without the public key: only this server could have made it.
    const { account, id, materialId, spec, usage } = key
    const place = fields('backing key', account, id, materialId, spec, usage)
    const wrapped = withPrivateKeyBytes(privateKey, (pkcs8) => domainKey.wrap(place, pkcs8))
    await change(stores, key, { wrapped, public_key: null })
    await expect(reopened(stores, key)).rejects.toThrow(
      'needs: The public key of a key pair stands beside it.',
    )
  })
})

it('the private key is zeroed once it is wrapped', async () => {
  const [dialect] = dialects
  const stores = await openStores(
    (await dialect?.freshStorage(kms.migrations)) as never,
    newRootKey(),
  )
  const zeroed: number[] = []
  const fill = Buffer.prototype.fill
  vi.spyOn(Buffer.prototype, 'fill').mockImplementation(function (this: Buffer, ...given) {
    if (given[0] === 0) zeroed.push(this.length)
    return fill.apply(this, given as [number])
  })
  await insertKey(stores, SCOPE, kindOf('ECC_NIST_EDWARDS25519'))
  vi.restoreAllMocks()
  // PKCS#8 of an Ed25519 key has 48 bytes.
  expect(zeroed).toContain(48)
})
