// DescribeCustomKeyStores as callers see it.
import {
  DescribeCustomKeyStoresCommand,
  type DescribeCustomKeyStoresCommandInput,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

const describeStores = (input: DescribeCustomKeyStoresCommandInput = {}) =>
  kms.send(new DescribeCustomKeyStoresCommand(input))

it('DescribeCustomKeyStores lists none', async () => {
  for (const input of [{}, { Limit: 1 }, { Limit: 1000 }]) {
    const { $metadata, ...told } = await describeStores(input)
    expect(told).toEqual({ CustomKeyStores: [], Truncated: false })
  }
})

it('DescribeCustomKeyStores finds none by id or name', async () => {
  for (const input of [{ CustomKeyStoreId: 'cks-1' }, { CustomKeyStoreName: 'cks-1' }]) {
    expect(await refusalOf(describeStores(input))).toEqual(
      refusal('CustomKeyStoreNotFoundException', 'Custom key store cks-1 does not exist.'),
    )
  }
})

it('DescribeCustomKeyStores takes one of id and name, limits of 1 to 1000 and no marker', async () => {
  const told = async (input: DescribeCustomKeyStoresCommandInput) =>
    (await refusalOf(describeStores(input))).name
  expect(await told({ CustomKeyStoreId: 'a', CustomKeyStoreName: 'b' })).toBe('ValidationException')
  for (const Limit of [0, 1001]) expect(await told({ Limit })).toBe('ValidationException')
  expect(await told({ CustomKeyStoreName: 'a'.repeat(257) })).toBe('ValidationException')
  expect(await told({ Marker: 'next' })).toBe('InvalidMarkerException')
})

it('DescribeCustomKeyStores is recorded', async () => {
  expect(await recordOf(server, describeStores({ Limit: 5 }))).toMatchObject({
    eventName: 'DescribeCustomKeyStores',
    readOnly: true,
    requestParameters: { limit: 5 },
    responseElements: null,
  })
})
