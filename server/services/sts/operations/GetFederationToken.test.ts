// GetFederationToken: what a user vouches for, cut by the session policy, which has to be there.
import { ListKeysCommand } from '@aws-sdk/client-kms'
import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  type GetFederationTokenCommandInput,
} from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { allowing } from '../../iam/testing/stores.ts'
import { type People, type Person, peopleOf, signingBy, trusting } from '../testing/people.ts'

let server: TestServer
let people: People
let broker: Person
beforeAll(async () => {
  server = await testServer()
  people = peopleOf(server)
  const document = allowing(['sts:GetFederationToken', 'kms:ListKeys'] as never)
  broker = await people.user('broker', { inline: [{ name: 'broker', document }] })
})
afterAll(() => server.close())

const federate = (more: Partial<GetFederationTokenCommandInput> = {}, person = broker) =>
  person.sts.send(new GetFederationTokenCommand({ Name: 'guest', ...more }))

it('GetFederationToken gives what user and session policy both allow', async () => {
  const answer = await federate({ Policy: allowing('kms:*') })
  const { UserId, Arn } = await people
    .sts(signingBy(answer.Credentials))
    .send(new GetCallerIdentityCommand())
  expect([UserId, Arn]).toEqual([
    '111122223333:guest',
    'arn:aws:sts::111122223333:federated-user/guest',
  ])
  expect(answer.FederatedUser).toEqual({ FederatedUserId: UserId, Arn })
  expect(answer.PackedPolicySize).toBeGreaterThan(0)
  const kms = server.kms({ credentials: signingBy(answer.Credentials) })
  expect((await kms.send(new ListKeysCommand())).Keys).toEqual([])
  const { Credentials } = await federate({ Policy: allowing('kms:CreateKey') })
  const other = server.kms({ credentials: signingBy(Credentials) })
  expect(await refusalOf(other.send(new ListKeysCommand()))).toMatchObject({
    name: 'AccessDeniedException',
  })
})

it('GetFederationToken without a session policy gives nothing', async () => {
  const { Credentials } = await federate()
  const kms = server.kms({ credentials: signingBy(Credentials) })
  expect(await refusalOf(kms.send(new ListKeysCommand()))).toMatchObject({
    name: 'AccessDeniedException',
  })
})

it('GetFederationToken leaves nobody behind: denies by the tags of the user count on', async () => {
  const leashed = await people.user('leashed', {
    tags: [{ key: 'leash', value: 'short' }],
    inline: [
      { name: 'all', document: allowing('*') },
      {
        name: 'but',
        document: allowing('kms:ListKeys', {
          Effect: 'Deny',
          Resource: '*',
          Condition: { StringEquals: { 'aws:PrincipalTag/leash': 'short' } },
        }),
      },
    ],
  })
  const listAs = async (more: Partial<GetFederationTokenCommandInput>) => {
    const { Credentials } = await federate({ Policy: allowing('*'), ...more }, leashed)
    return server.kms({ credentials: signingBy(Credentials) }).send(new ListKeysCommand())
  }
  expect((await refusalOf(listAs({}))).message).toContain('explicit deny in an identity-based')
  // As AWS has it, a tag of the session stands in the place of the user’s: sts:TagSession is for few.
  const retagged = await listAs({ Tags: [{ Key: 'Leash', Value: 'long' }] })
  expect(retagged.Keys).toEqual([])
})

it('GetFederationToken begins no way into a role, whatever the role’s trust policy says', async () => {
  const open = await people.role('open', { trustPolicy: trusting('*') })
  const own = await people.role('own', {
    trustPolicy: trusting('arn:aws:sts::111122223333:federated-user/guest'),
  })
  for (const more of [{}, { Policy: allowing('*') }]) {
    const guest = people.sts(signingBy((await federate(more)).Credentials))
    for (const { name } of [open, own]) {
      const RoleArn = `arn:aws:iam::111122223333:role/${name}`
      const assume = guest.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'guest' }))
      expect((await refusalOf(assume)).name).toBe('AccessDenied')
    }
  }
})

it('GetFederationToken needs a permission, and another one for tags', async () => {
  const bob = await people.user('bob')
  expect(await refusalOf(federate({}, bob))).toMatchObject({
    name: 'AccessDenied',
    message:
      'User: arn:aws:iam::111122223333:user/bob is not authorized to perform: sts:GetFederationToken on resource: arn:aws:sts::111122223333:federated-user/guest because no identity-based policy allows the sts:GetFederationToken action',
  })
  expect(await refusalOf(federate({ Tags: [{ Key: 'a', Value: 'b' }] }))).toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining('sts:TagSession'),
  })
})

it.each([
  [{ Name: 'x' }, 'ValidationError'],
  [{ Name: 'a b' }, 'ValidationError'],
  [{ Policy: '{}' }, 'MalformedPolicyDocumentException'],
  [{ DurationSeconds: 129_601 }, 'ValidationError'],
])('GetFederationToken refuses %j', async (more, name) => {
  expect(await refusalOf(federate(more))).toMatchObject({ name })
})
