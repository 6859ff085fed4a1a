// Services that use keys, with their callers and their keys, as tests need them.
import { CreateKeyCommand, type KMSClient } from '@aws-sdk/client-kms'
import { type DepotRequest, depot } from '../../../testing/depot.ts'
import { callDepot, type Signing } from '../../../testing/depot-client.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { allowing } from '../../iam/testing/stores.ts'
import { sts } from '../../sts/service.ts'
import { peopleOf } from '../../sts/testing/people.ts'
import { kms } from '../service.ts'
import { type Recorded, recordsWith } from './recorded.ts'

export const ACCOUNT = '111122223333'

/**
 * A server with depots in the place of S3 and CloudTrail. Alice has what the former asks for and nothing of
 * KMS; bob has that, all of KMS and of the latter.
 */
export async function depotServer() {
  const server = await testServer({ services: [kms, sts, depot('s3'), depot('cloudtrail')] })
  const people = peopleOf(server)
  const s3 = { name: 's3', document: allowing('s3:*') }
  const alice = await people.user('alice', { inline: [s3] })
  const bob = await people.user('bob', {
    inline: [
      s3,
      { name: 'kms', document: allowing('kms:*') },
      { name: 'trail', document: allowing('cloudtrail:*') },
    ],
  })
  return { server, people, alice, bob }
}

export const delegation = {
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
  Action: 'kms:*',
  Resource: '*',
}

/** What alice may do, or who the statement says instead. */
export const allow = (more: object, action = 'kms:*') => ({
  ...delegation,
  Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/alice` },
  Action: action,
  ...more,
})

/** A key with these statements, which nobody needs to be able to change. */
export async function keyWith(root: KMSClient, ...statements: object[]): Promise<string> {
  const { KeyMetadata } = await root.send(
    new CreateKeyCommand({
      Policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
      BypassPolicyLockoutSafetyCheck: true,
    }),
  )
  return KeyMetadata?.Arn as string
}

/** Has a depot encrypt a note with the key, on behalf of the caller or in another way. */
export function put(
  server: TestServer,
  KeyId: string,
  who: Signing,
  more: Partial<DepotRequest> = {},
  service = 's3',
) {
  return callDepot(server, service, 'Use', { As: 'caller', KeyId, Text: 'note', ...more }, who)
}

/** The records of calls on the key since the trail began, of this event. */
export function recordsOn(server: TestServer, arn: string, eventName: string): Recorded[] {
  return recordsWith(server, arn, `"eventName":"${eventName}"`)
}
