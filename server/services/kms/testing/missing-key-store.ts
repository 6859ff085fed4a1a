// What all operations on a custom key store have in common while there is none: each test file calls this once.
import type { KMSClient } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from './recorded.ts'

/** A well-formed id that no custom key store has. */
export const NO_KEY_STORE = 'cks-1234567890abcdef0'

type Answer = Promise<{ $metadata: { requestId?: string | undefined } }>

/** A server of its own, and the tests of the operation that `send` sends for `NO_KEY_STORE`. */
export function missingKeyStore(
  operation: string,
  send: (kms: KMSClient) => Answer,
): { server(): TestServer } {
  let server: TestServer
  beforeAll(async () => {
    server = await testServer()
  })
  afterAll(() => server.close())

  it(`${operation} finds no custom key store, whichever is asked for`, async () => {
    expect(await refusalOf(send(server.kms()))).toEqual(
      refusal(
        'CustomKeyStoreNotFoundException',
        `Custom key store ${NO_KEY_STORE} does not exist.`,
      ),
    )
  })

  it(`${operation} needs an id of 1 to 64 characters`, async () => {
    for (const body of [
      '{}',
      '{"CustomKeyStoreId":""}',
      `{"CustomKeyStoreId":"${'a'.repeat(65)}"}`,
    ]) {
      const answer = await sendSigned(server, operation, body)
      expect(answer.body.__type).toBe('ValidationException')
      expect(answer.body.message).toContain("at 'customKeyStoreId' failed to satisfy constraint")
    }
  })

  it(`${operation} is recorded with its refusal`, async () => {
    expect(await recordOf(server, send(server.kms()))).toMatchObject({
      eventName: operation,
      readOnly: false,
      requestParameters: { customKeyStoreId: NO_KEY_STORE },
      responseElements: null,
      errorCode: 'CustomKeyStoreNotFoundException',
    })
  })
  return { server: () => server }
}
