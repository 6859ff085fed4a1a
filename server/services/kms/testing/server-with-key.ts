// A test server for the tests of a file, and one symmetric key that serves all of them.
import type { KMSClient } from '@aws-sdk/client-kms'
import { afterAll, beforeAll } from 'vitest'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { newKey, type StoredKey } from './stored-key.ts'

export type ServerWithKey = {
  readonly server: TestServer
  readonly kms: KMSClient
  readonly key: StoredKey
}

/** Started before the tests and closed after them; what it holds is there from the first test on. */
export function serverWithKey(): ServerWithKey {
  let server: TestServer
  let kms: KMSClient
  let key: StoredKey
  beforeAll(async () => {
    server = await testServer()
    kms = server.kms()
    key = await newKey(kms)
  })
  afterAll(() => server.close())
  return {
    get server() {
      return server
    },
    get kms() {
      return kms
    },
    get key() {
      return key
    },
  }
}
