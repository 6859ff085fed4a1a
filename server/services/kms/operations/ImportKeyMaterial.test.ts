// ImportKeyMaterial as callers see it: what the first and every later import brings about. What it refuses:
// import-refusals.test.ts.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import {
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DisableKeyCommand,
  GenerateMacCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomBytes } from '../../../crypto/random.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { importInto, newExternalKey } from '../testing/importing.ts'
import { metadataOf } from '../testing/multi-region.ts'
import { sealed } from '../testing/multi-region-imports.ts'
import { recordOf } from '../testing/recorded.ts'
import { materialsOf } from '../testing/rotation.ts'
import type { StoredKey } from '../testing/stored-key.ts'

const DAY_MS = 86_400_000

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

async function deleteMaterial({ id }: StoredKey, KeyMaterialId?: string) {
  await kms.send(new DeleteImportedKeyMaterialCommand({ KeyId: id, KeyMaterialId }))
}

describe('The first import', () => {
  it('makes the key usable, and tells its material', async () => {
    const own = await newExternalKey(kms)
    expect(await metadataOf(kms, own)).toMatchObject({ KeyState: 'PendingImport', Enabled: false })
    expect(await metadataOf(kms, own)).not.toHaveProperty('CurrentKeyMaterialId')
    expect(await metadataOf(kms, own)).not.toHaveProperty('ExpirationModel')
    const { $metadata, ...answer } = await importInto(kms, own, randomBytes(32))
    expect(answer).toEqual({
      KeyId: own.arn,
      KeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    const metadata = await metadataOf(kms, own)
    expect(metadata).toMatchObject({
      KeyState: 'Enabled',
      Enabled: true,
      Origin: 'EXTERNAL',
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
      CurrentKeyMaterialId: answer.KeyMaterialId,
    })
    expect(metadata).not.toHaveProperty('ValidTo')
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob: await sealed(kms, own) }))
    expect(opened.KeyMaterialId).toBe(answer.KeyMaterialId)
  })

  it('keeps the date on which the material expires', async () => {
    const own = await newExternalKey(kms)
    const ValidTo = new Date(Math.ceil(Date.now() / 1000) * 1000 + DAY_MS)
    await importInto(kms, own, randomBytes(32), { ValidTo })
    expect(await metadataOf(kms, own)).toMatchObject({
      ExpirationModel: 'KEY_MATERIAL_EXPIRES',
      ValidTo,
    })
  })

  it('of two keys, the same material is told by different ids', async () => {
    const material = randomBytes(32)
    const [one, other] = [await newExternalKey(kms), await newExternalKey(kms)]
    const first = await importInto(kms, one, material)
    const second = await importInto(kms, other, material)
    expect(first.KeyMaterialId).not.toBe(second.KeyMaterialId)
  })

  it('is recorded without token and material', async () => {
    const own = await newExternalKey(kms)
    const ValidTo = new Date('2099-01-01T00:00:00Z')
    await refusalOf(importInto(kms, own, randomBytes(32), { ValidTo }))
    const record = await recordOf(
      server,
      importInto(kms, own, randomBytes(32), { KeyMaterialDescription: 'from the vault' }),
    )
    expect(record).toMatchObject({
      eventName: 'ImportKeyMaterial',
      readOnly: false,
      requestParameters: {
        keyId: own.id,
        expirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
        keyMaterialDescription: 'from the vault',
      },
      responseElements: { keyId: own.arn, keyMaterialId: expect.any(String) },
      resources: [{ ARN: own.arn }],
    })
    const { requestParameters } = record as { requestParameters: object }
    expect(Object.keys(requestParameters)).not.toContain('importToken')
    expect(Object.keys(requestParameters)).not.toContain('encryptedKeyMaterial')
  })
})

describe('A later import', () => {
  it('of the same material lets the key decrypt what it encrypted before', async () => {
    const own = await newExternalKey(kms)
    const material = randomBytes(32)
    const { KeyMaterialId } = await importInto(kms, own, material)
    const blob = await sealed(kms, own)
    await deleteMaterial(own)
    expect(await refusalOf(sealed(kms, own))).toEqual(
      refusal('KMSInvalidStateException', `${own.arn} is pending import.`),
    )
    const again = await importInto(kms, own, material)
    expect(again.KeyMaterialId).toBe(KeyMaterialId)
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob: blob }))
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('x')
  })

  it('of the same material changes its expiration, without a deletion before', async () => {
    const own = await newExternalKey(kms)
    const material = randomBytes(32)
    const ValidTo = new Date(Math.ceil(Date.now() / 1000) * 1000 + DAY_MS)
    await importInto(kms, own, material, { ValidTo })
    const blob = await sealed(kms, own)
    await importInto(kms, own, material)
    expect(await metadataOf(kms, own)).not.toHaveProperty('ValidTo')
    expect((await kms.send(new DecryptCommand({ CiphertextBlob: blob }))).KeyId).toBe(own.arn)
    await importInto(kms, own, material, { ValidTo, ImportType: 'EXISTING_KEY_MATERIAL' })
    expect(await metadataOf(kms, own)).toMatchObject({ ValidTo, KeyState: 'Enabled' })
  })

  it('of other material is refused, before and after the first was deleted', async () => {
    const own = await newExternalKey(kms)
    await importInto(kms, own, randomBytes(32))
    const expected = refusal(
      'IncorrectKeyMaterialException',
      `The key material is not the same that was previously imported into ${own.arn}.`,
    )
    expect(await refusalOf(importInto(kms, own, randomBytes(32)))).toEqual(expected)
    await deleteMaterial(own)
    expect(await refusalOf(importInto(kms, own, randomBytes(32)))).toEqual(expected)
    expect((await metadataOf(kms, own)).KeyState).toBe('PendingImport')
  })

  it('leaves a disabled key disabled', async () => {
    const own = await newExternalKey(kms)
    const material = randomBytes(32)
    await importInto(kms, own, material)
    await kms.send(new DisableKeyCommand({ KeyId: own.id }))
    await importInto(kms, own, material)
    expect((await metadataOf(kms, own)).KeyState).toBe('Disabled')
  })

  it('of new material waits for a rotation, and is one at a time', async () => {
    const own = await newExternalKey(kms)
    const [first, second] = [randomBytes(32), randomBytes(32)]
    const current = await importInto(kms, own, first, { KeyMaterialDescription: 'first one' })
    const ImportType = 'NEW_KEY_MATERIAL'
    const pending = await importInto(kms, own, second, { ImportType })
    expect((await metadataOf(kms, own)).CurrentKeyMaterialId).toBe(current.KeyMaterialId)
    const listed = {
      KeyId: own.arn,
      ImportState: 'IMPORTED',
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    }
    expect(await materialsOf(kms, own)).toEqual([
      {
        ...listed,
        KeyMaterialId: current.KeyMaterialId,
        KeyMaterialState: 'CURRENT',
        KeyMaterialDescription: 'first one',
      },
      { ...listed, KeyMaterialId: pending.KeyMaterialId, KeyMaterialState: 'PENDING_ROTATION' },
    ])
    expect(await refusalOf(importInto(kms, own, randomBytes(32), { ImportType }))).toEqual(
      refusal(
        'KMSInvalidStateException',
        `${own.arn} already has key material pending rotation. Rotate the key or delete that material first.`,
      ),
    )
    for (const material of [first, second]) {
      expect(await refusalOf(importInto(kms, own, material, { ImportType }))).toEqual(
        refusal(
          'IncorrectKeyMaterialException',
          `The key material is already associated with ${own.arn}, but new key material was expected.`,
        ),
      )
    }
    const again = await importInto(kms, own, second, { KeyMaterialDescription: 'told later' })
    expect(again.KeyMaterialId).toBe(pending.KeyMaterialId)
    expect((await materialsOf(kms, own)).at(1)?.KeyMaterialDescription).toBe('told later')
  })

  it('is of the material that it names', async () => {
    const own = await newExternalKey(kms)
    const [first, second] = [randomBytes(32), randomBytes(32)]
    const one = await importInto(kms, own, first, { KeyMaterialDescription: 'kept' })
    const other = await importInto(kms, own, second, { ImportType: 'NEW_KEY_MATERIAL' })
    for (const id of [other.KeyMaterialId, '0'.repeat(64)]) {
      expect(await refusalOf(importInto(kms, own, first, { KeyMaterialId: id }))).toEqual(
        refusal(
          'IncorrectKeyMaterialException',
          `The key material does not match the key material ID ${id}.`,
        ),
      )
    }
    const { KeyMaterialId } = one
    expect((await importInto(kms, own, first, { KeyMaterialId })).KeyMaterialId).toBe(KeyMaterialId)
    expect((await materialsOf(kms, own)).at(0)?.KeyMaterialDescription).toBe('kept')
  })
})

describe('An HMAC key', () => {
  it('takes keys longer than its hash, and no parameter of symmetric keys', async () => {
    const HMAC = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' } as const
    const own = await newExternalKey(kms, HMAC)
    const material = randomBytes(64)
    for (const [name, value] of [
      ['ImportType', 'NEW_KEY_MATERIAL'],
      ['KeyMaterialDescription', 'x'],
      ['KeyMaterialId', '0'.repeat(64)],
    ] as const) {
      expect(await refusalOf(importInto(kms, own, material, { [name]: value }))).toEqual(
        refusal(
          'ValidationException',
          `${name} is supported only for symmetric encryption KMS keys.`,
        ),
      )
    }
    const { $metadata, ...answer } = await importInto(kms, own, material)
    expect(answer).toEqual({ KeyId: own.arn })
    const input = {
      KeyId: own.id,
      Message: Buffer.from('x'),
      MacAlgorithm: 'HMAC_SHA_256',
    } as const
    expect((await kms.send(new GenerateMacCommand(input))).Mac).toHaveLength(32)
    expect(await metadataOf(kms, own)).not.toHaveProperty('CurrentKeyMaterialId')
    expect((await refusalOf(importInto(kms, own, randomBytes(64)))).name).toBe(
      'IncorrectKeyMaterialException',
    )
  })
})

it('Nothing of the material is logged, recorded or stored in the clear', async () => {
  const own = await newExternalKey(kms)
  const material = Buffer.from('S3CR3T-0123456789abcdef012345678')
  const copy = Buffer.from(material)
  await importInto(kms, own, copy)
  await refusalOf(importInto(kms, own, Buffer.concat([material, material])))
  const files = readdirSync(server.directory, { recursive: true, encoding: 'utf8' })
    .map((name) => `${server.directory}/${name}`)
    .filter((file) => statSync(file).isFile())
  expect(files.length).toBeGreaterThan(2)
  const texts = [...files.map((file) => readFileSync(file, 'latin1')), server.logged.join('\n')]
  for (const secret of [
    material.toString(),
    material.toString('base64'),
    material.toString('hex'),
  ]) {
    for (const text of texts) expect(text.includes(secret)).toBe(false)
  }
})

it('Imports of one key at once leave it with one material', async () => {
  const own = await newExternalKey(kms)
  const materials = Array.from({ length: 5 }, () => randomBytes(32))
  const answers = await Promise.allSettled(
    materials.map((material) => importInto(kms, own, material)),
  )
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(await materialsOf(kms, own)).toHaveLength(1)
})
