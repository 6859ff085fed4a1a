// Session tags and source identity: who may give them, and how far they go.
import { ListKeysCommand } from '@aws-sdk/client-kms'
import type { AssumeRoleCommandInput, Credentials } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { entityArn, type Role } from '../../iam/entities/entity.ts'
import { allowing } from '../../iam/testing/stores.ts'
import {
  assumeRole,
  deniedTo,
  type People,
  type Person,
  peopleOf,
  signingBy,
  trusting,
} from '../testing/people.ts'

let server: TestServer
let people: People
let alice: Person
let reader: Role

beforeAll(async () => {
  server = await testServer()
  people = peopleOf(server)
  alice = await people.user('alice', {
    inline: [{ name: 'assume', document: allowing('sts:*') }],
  })
  reader = await people.role('reader', {
    path: '/app/',
    trustPolicy: trusting(alice.user.id),
  })
})
afterAll(() => server.close())

const assume = (role: Role | string, more: Partial<AssumeRoleCommandInput> = {}, sts = alice.sts) =>
  assumeRole(sts, role, more)

const refused = async (...args: Parameters<typeof assume>) => {
  const { name, message } = await refusalOf(assume(...args))
  return `${name}: ${message}`
}

describe('Session tags and source identity', () => {
  const TAGGED = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']

  it('need their own permission in the trust policy', async () => {
    const Tags = [{ Key: 'team', Value: 'blue' }]
    expect(await refused(reader, { Tags })).toBe(
      deniedTo(alice, entityArn('role', reader), 'sts:TagSession'),
    )
    expect(await refused(reader, { SourceIdentity: 'alice' })).toBe(
      deniedTo(alice, entityArn('role', reader), 'sts:SetSourceIdentity'),
    )
  })

  it('stay with the session, and go on where they are transitive', async () => {
    const condition = { Condition: { StringEquals: { 'aws:PrincipalTag/team': 'blue' } } }
    const document = allowing('kms:ListKeys', { Resource: '*', ...condition })
    const inline = [{ name: 'list', document }]
    const first = await people.role('first', {
      trustPolicy: trusting(alice.user.id, {}, TAGGED),
      inline,
    })
    const last = await people.role('last', {
      trustPolicy: trusting(first.id, {}, TAGGED),
      inline,
    })
    const listing = async (given: Credentials | undefined) => {
      const kms = server.kms({ credentials: signingBy(given) })
      return kms.send(new ListKeysCommand()).then(
        () => 'allowed',
        () => 'denied',
      )
    }
    const blue = { Tags: [{ Key: 'Team', Value: 'blue' }] }
    const plain = await assume(first, { Tags: [{ Key: 'team', Value: 'red' }] })
    expect(await listing(plain.Credentials)).toBe('denied')
    const kept = await assume(first, blue)
    expect(await listing(kept.Credentials)).toBe('allowed')
    const on = { ...blue, TransitiveTagKeys: ['team'], SourceIdentity: 'alice' }
    const handed = await assume(first, on)
    expect(handed.SourceIdentity).toBe('alice')
    const chain = (given: Credentials | undefined, more = {}) =>
      assume(last, more, people.sts(signingBy(given)))
    expect(await listing((await chain(kept.Credentials)).Credentials)).toBe('denied')
    const next = await chain(handed.Credentials)
    expect(await listing(next.Credentials)).toBe('allowed')
    expect(next.SourceIdentity).toBe('alice')
    expect(await refusalOf(chain(handed.Credentials, blue))).toMatchObject({
      name: 'InvalidParameterValue',
    })
    expect(await refusalOf(chain(handed.Credentials, { SourceIdentity: 'bob' }))).toMatchObject({
      name: 'ValidationError',
    })
  })
})
