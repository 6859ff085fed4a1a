// ListRetirableGrants as callers see it.
import {
  type KMSClient,
  ListRetirableGrantsCommand,
  type ListRetirableGrantsCommandInput,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AccountPrincipal } from '../../../policy/principal.ts'
import { allow, cast, policy, ROOT_A, ROOT_B, USER } from '../../../policy/testing/cast.ts'
import { addOtherAccount, OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { callerOf, newDesk } from '../testing/desk.ts'
import { newGrant } from '../testing/grants.ts'
import { recordOf } from '../testing/recorded.ts'
import { newKey } from '../testing/stored-key.ts'
import { ListRetirableGrants } from './ListRetirableGrants.ts'

describe('ListRetirableGrants', () => {
  let server: TestServer
  let theirs: KMSClient
  const ids: string[] = []
  beforeAll(async () => {
    server = await testServer()
    const ours = server.kms()
    theirs = server.kms({ credentials: await addOtherAccount(server) })
    for (const kms of [ours, ours, theirs]) {
      const grant = await newGrant(kms, await newKey(kms), { RetiringPrincipal: ROOT_B })
      ids.push(grant.id)
    }
    await newGrant(ours, await newKey(ours), { RetiringPrincipal: ROOT_A })
    await newGrant(ours, await newKey(ours))
    const elsewhere = server.kms({ region: 'eu-west-1' })
    await newGrant(elsewhere, await newKey(elsewhere), { RetiringPrincipal: ROOT_B })
  })
  afterAll(() => server.close())

  function list(input: Partial<ListRetirableGrantsCommandInput> = {}) {
    return theirs.send(new ListRetirableGrantsCommand({ RetiringPrincipal: ROOT_B, ...input }))
  }

  it('tells the grants on keys of all accounts, in the Region, that the principal may retire', async () => {
    const { Grants, Truncated } = await list()
    expect([Grants?.map(({ GrantId }) => GrantId), Truncated]).toEqual([[...ids].sort(), false])
    for (const grant of Grants ?? []) expect(grant.RetiringPrincipal).toBe(ROOT_B)
    const byNumber = await list({ RetiringPrincipal: OTHER_ACCOUNT })
    expect(byNumber.Grants).toHaveLength(3)
  })

  it('gives page after page', async () => {
    const first = await list({ Limit: 2 })
    const second = await list({ Limit: 2, Marker: first.NextMarker })
    expect([first.Truncated, second.Truncated, second.Grants?.length]).toEqual([true, false, 1])
    expect((await refusalOf(list({ Marker: 'm' }))).name).toBe('InvalidMarkerException')
  })

  it('is for principals of the caller’s own account', async () => {
    expect((await refusalOf(list({ RetiringPrincipal: ROOT_A }))).name).toBe(
      'AccessDeniedException',
    )
    expect((await refusalOf(list({ RetiringPrincipal: '111122223333' }))).name).toBe(
      'InvalidArnException',
    )
    const nobody = `arn:aws:iam::${OTHER_ACCOUNT}:user/nobody`
    expect((await refusalOf(list({ RetiringPrincipal: nobody }))).name).toBe('InvalidArnException')
  })

  it('needs one principal, which no caller here can be a service of', async () => {
    const either =
      'You must specify either RetiringPrincipal or RetiringServicePrincipal, but not both.'
    expect(await refusalOf(list({ RetiringPrincipal: undefined }))).toEqual(
      refusal('ValidationException', either),
    )
    const service = { RetiringServicePrincipal: 'rds.amazonaws.com' }
    expect(await refusalOf(list(service))).toEqual(refusal('ValidationException', either))
    expect((await refusalOf(list({ ...service, RetiringPrincipal: undefined }))).message).toContain(
      'usable only by',
    )
  })

  it('is recorded', async () => {
    expect(await recordOf(server, list({ Limit: 7 }))).toMatchObject({
      eventName: 'ListRetirableGrants',
      readOnly: true,
      requestParameters: { limit: 7, retiringPrincipal: ROOT_B },
      responseElements: null,
    })
  })
})

it('ListRetirableGrants asks identity policies alone, about the principal', async () => {
  const desk = await newDesk()
  desk.principals.set(USER, 'AIDAURSULA0000000001')
  const ask = (...identity: object[]) =>
    desk.call(ListRetirableGrants, callerOf(cast.user as AccountPrincipal, identity), {
      RetiringPrincipal: USER,
    })
  await expect(ask()).rejects.toThrow('not authorized to perform: kms:ListRetirableGrants')
  await expect(ask(policy(allow('kms:ListRetirableGrants')))).resolves.toMatchObject({ Grants: [] })
  const onSelf = policy(allow('kms:ListRetirableGrants', { Resource: USER }))
  await expect(ask(onSelf)).resolves.toMatchObject({ Grants: [] })
  const onOther = policy(allow('kms:ListRetirableGrants', { Resource: ROOT_A }))
  await expect(ask(onOther)).rejects.toThrow('not authorized')
  await desk.close()
})
