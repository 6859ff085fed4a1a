// New domain keys on a running server: new material under them in every worker, old material as before.
import { CreateKeyCommand, DecryptCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serverDialects } from '../services/cloudtrail/testing/server-dialects.ts'
import type { KmsTables } from '../services/kms/tables.ts'
import { type OperatedServer, operatedServer } from '../testing/operated-server.ts'

const WORKERS = [0, 1] as const

describe.each(serverDialects)('Domain keys of a server on $name', ({ newDatabase }) => {
  let server: OperatedServer
  let remove: () => Promise<void>
  beforeAll(async () => {
    const database = await newDatabase()
    remove = database.remove
    server = await operatedServer(database.options)
    await server.serving
  })
  afterAll(async () => {
    await server.close()
    await remove()
  })

  const plaintext = Buffer.from('under a domain key of some generation')
  async function encrypt(worker: 0 | 1) {
    const kms = server.kms(worker)
    const KeyId = (await kms.send(new CreateKeyCommand())).KeyMetadata?.KeyId as string
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: plaintext }))
    return { KeyId, CiphertextBlob }
  }

  async function generationOf(KeyId: string): Promise<number> {
    const { generation } = await server.storage.read
      .$extendTables<KmsTables>()
      .selectFrom('kms_key_materials')
      .innerJoin('kms_domain_keys', (join) =>
        join.onRef('kms_domain_keys.domain_key_id', '=', 'kms_key_materials.domain_key_id'),
      )
      .select('generation')
      .where('key_id', '=', KeyId)
      .executeTakeFirstOrThrow()
    return generation
  }

  it('are rotated: each worker wraps new material with the new one, and reads all', async () => {
    const blobs = [await encrypt(0)]
    for (const generation of [2, 3]) {
      const { status, body, requestId } = await server.operator('RotateDomainKeys')
      expect(status).toBe(200)
      const told = [
        { Region: 'us-east-1', Generation: String(generation), DomainKeyId: expect.any(String) },
      ]
      expect(body).toEqual({ DomainKeys: told })
      const records = (await server.records()).filter(({ requestID }) => requestID === requestId)
      expect(records).toMatchObject([
        {
          eventName: 'RotateDomainKeys',
          userIdentity: { type: 'Operator' },
          responseElements: { domainKeys: [{ generation: String(generation) }] },
        },
      ])
      for (const worker of WORKERS) {
        const made = await encrypt(worker)
        expect(await generationOf(made.KeyId)).toBe(generation)
        blobs.push(made)
      }
    }
    expect(await generationOf(blobs[0]?.KeyId as string)).toBe(1)
    for (const worker of WORKERS) {
      for (const { CiphertextBlob } of blobs) {
        const { Plaintext } = await server.kms(worker).send(new DecryptCommand({ CiphertextBlob }))
        expect(Buffer.from(Plaintext ?? [])).toEqual(plaintext)
      }
    }
  })

  it('are rotated in one Region, or refused in one that has none', async () => {
    const { body } = await server.operator('RotateDomainKeys', { Region: 'us-east-1' })
    expect(body).toMatchObject({ DomainKeys: [{ Region: 'us-east-1' }] })
    const refused = await server.operator('RotateDomainKeys', { Region: 'eu-west-9' })
    expect([refused.status, refused.body.__type]).toEqual([400, 'NoSuchRegionException'])
  })

  it('are rotated several times at one moment, one after the other', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => server.operator('RotateDomainKeys')))
    const generations = answers.map(({ body }) => {
      const [key] = body.DomainKeys as [{ Generation: string }]
      return Number(key.Generation)
    })
    const [least, ...more] = generations.sort()
    expect(more).toEqual([(least as number) + 1, (least as number) + 2])
  })
})
