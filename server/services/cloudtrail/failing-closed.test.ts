// A server whose trail cannot be written answers nobody, says so, and goes on by itself once it can.
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  ListKeysCommand,
} from '@aws-sdk/client-kms'
import postgres from 'postgres'
import { describe, expect, it, vi } from 'vitest'
import { refusalOf } from '../../testing/refusal.ts'
import { testServer } from '../../testing/test-server.ts'
import { newKey } from '../kms/testing/stored-key.ts'
import { recordedCalls } from './testing/recorded.ts'
import { serverDialects } from './testing/server-dialects.ts'

const INTERNAL = {
  name: 'KMSInternalException',
  message: 'The request was rejected because an internal exception occurred. It can be retried.',
  status: 500,
}

// Only where the trail is a table can a test take it away and give it back.
const inTables = serverDialects.filter(({ name }) => name === 'postgres')

describe.each(inTables)('A server on $name', ({ newDatabase }) => {
  it('answers nothing while its trail cannot be written, and recovers by itself', async () => {
    const { options, remove } = await newDatabase()
    const server = await testServer(options)
    const admin = postgres(options.database ?? '', { max: 1, onnotice: () => {} })
    try {
      const kms = server.kms()
      const health = async () => {
        const response = await fetch(`${server.endpoint}/health`)
        return [response.status, ((await response.json()) as { parts: object }).parts]
      }
      const key = await newKey(kms)
      const Plaintext = Buffer.from('a plaintext')
      const encrypt = () => kms.send(new EncryptCommand({ KeyId: key.id, Plaintext }))
      const { CiphertextBlob } = await encrypt()
      expect(await health()).toMatchObject([200, { store: 'ok', trail: 'ok' }])

      await admin`alter table trail_batches rename to taken_away`
      const calls = [
        encrypt,
        () => kms.send(new DecryptCommand({ CiphertextBlob })),
        () => kms.send(new DescribeKeyCommand({ KeyId: key.id })),
        () => kms.send(new ListKeysCommand()),
        // A refusal is an answer like any other.
        () => kms.send(new EncryptCommand({ KeyId: 'nobody', Plaintext })),
      ]
      for (const call of calls) expect(await refusalOf(call())).toEqual(INTERNAL)
      const many = await Promise.all(Array.from({ length: 50 }, () => refusalOf(encrypt())))
      for (const told of many) expect(told).toEqual(INTERNAL)
      expect(await health()).toMatchObject([503, { store: 'ok', trail: 'failing' }])
      // The record of a change is durable with the change itself: it joins the chain later.
      const made = await kms.send(new CreateKeyCommand({ Description: 'made meanwhile' }))

      await admin`alter table taken_away rename to trail_batches`
      await vi.waitFor(async () => expect((await health())[0]).toBe(200), { timeout: 5000 })
      const after = await encrypt()
      const records = await recordedCalls(server)
      for (const { $metadata } of [made, after]) {
        const ofCall = records.filter(({ requestID }) => requestID === $metadata.requestId)
        expect(ofCall).toHaveLength(1)
      }
    } finally {
      await admin.end()
      await server.close()
      await remove()
    }
  })
})
