// Who may use a key is what its policy says, and nothing else.
import { DescribeKeyCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { alterKey, newKey, POLICY_WITHOUT_DELEGATION } from '../testing/stored-key.ts'
import type { Key } from './key.ts'
import { compiledKeyPolicy, defaultKeyPolicy, NO_POLICY_PRINCIPALS } from './key-policy.ts'

describe('A key policy', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await testServer()
  })
  afterAll(() => server.close())

  it.each([
    ['names nobody', POLICY_WITHOUT_DELEGATION],
    ['is no policy', '{}'],
    ['is not even JSON', '{"Version"'],
  ])('that %s lets not even the root user in', async (_, policy) => {
    const kms = server.kms()
    const key = await newKey(kms)
    await alterKey(server, key, { policy })
    const refused = await refusalOf(kms.send(new DescribeKeyCommand({ KeyId: key.id })))
    expect(refused).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('because no resource-based policy allows'),
    })
  })

  it('is compiled once for a key as it is', () => {
    const policy = defaultKeyPolicy('111122223333')
    const key = { arn: 'arn', policy, policyPrincipals: NO_POLICY_PRINCIPALS } as Key
    expect(compiledKeyPolicy(key)).toBe(compiledKeyPolicy(key))
    expect(compiledKeyPolicy({ ...key })).not.toBe(compiledKeyPolicy(key))
  })
})
