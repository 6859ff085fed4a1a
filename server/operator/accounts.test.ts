// Accounts and the access keys of their root users, through the operator socket and two workers.
import { CreateKeyCommand, EncryptCommand, ListKeysCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Call } from '../contract/call.ts'
import type { Caller } from '../contract/caller.ts'
import { identityDemand } from '../contract/demand.ts'
import { AccessDeniedException } from '../contract/errors.ts'
import { authorize } from '../pipeline/steps/authorize.ts'
import { serverDialects } from '../services/cloudtrail/testing/server-dialects.ts'
import { rootCaller } from '../services/iam/callers.ts'
import { type OperatedServer, operatedServer } from '../testing/operated-server.ts'
import { refusalOf } from '../testing/refusal.ts'
import { filesIn, search } from '../testing/secret-search.ts'
import { OPERATOR_ACCOUNT, operatorCaller, operatorDemand } from './operation.ts'

type Told = { AccountId: string; AccessKeyId: string; SecretAccessKey: string }

const WORKERS = [0, 1] as const
const credentialsOf = ({ AccessKeyId, SecretAccessKey }: Told) => ({
  accessKeyId: AccessKeyId,
  secretAccessKey: SecretAccessKey,
})

describe.each(serverDialects)('The operator of a server on $name', ({ name, newDatabase }) => {
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

  async function create(AccountId: string): Promise<Told> {
    const { status, body } = await server.operator('CreateAccount', { AccountId })
    expect(status).toBe(200)
    return body as Told
  }

  async function recordsOf(requestId: string): Promise<Record<string, unknown>[]> {
    return (await server.records()).filter(({ requestID }) => requestID === requestId)
  }

  it('makes an account whose root user is served by every worker at once', async () => {
    const told = await create('222233334444')
    expect(told).toEqual({
      AccountId: '222233334444',
      AccessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
      SecretAccessKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
    })
    const kms = WORKERS.map((worker) => server.kms(worker, credentialsOf(told)))
    const made = await kms[0]?.send(new CreateKeyCommand())
    expect(made?.KeyMetadata?.AWSAccountId).toBe('222233334444')
    const { Keys } = (await kms[1]?.send(new ListKeysCommand())) ?? {}
    expect(Keys?.map(({ KeyId }) => KeyId)).toEqual([made?.KeyMetadata?.KeyId])
    // The other account sees nothing of it.
    const others = await server.kms(1).send(new ListKeysCommand())
    expect(others.Keys).toEqual([])
  })

  it('lists the accounts there are', async () => {
    await create('222233335555')
    const { status, body } = await server.operator('ListAccounts')
    expect(status).toBe(200)
    const accounts = body.Accounts as { AccountId: string; CreatedAt: string }[]
    expect(accounts.map(({ AccountId }) => AccountId)).toEqual(
      expect.arrayContaining(['111122223333', '222233335555']),
    )
    for (const { CreatedAt } of accounts) {
      expect(new Date(CreatedAt).toISOString()).toBe(CreatedAt)
    }
  })

  it('is refused an account that exists, also when it is asked for twice at one moment', async () => {
    const again = await server.operator('CreateAccount', { AccountId: '111122223333' })
    expect([again.status, again.body.__type]).toEqual([400, 'AccountExistsException'])
    const both = await Promise.all(
      [1, 2, 3].map(() => server.operator('CreateAccount', { AccountId: '222233336666' })),
    )
    expect(both.map(({ status }) => status).sort()).toEqual([200, 400, 400])
    const refused = both.filter(({ status }) => status === 400)
    for (const { body } of refused) expect(body.__type).toBe('AccountExistsException')
    // The access key that was told is the account's only one.
    const [made] = both.filter(({ status }) => status === 200)
    const kms = server.kms(0, credentialsOf(made?.body as Told))
    expect((await kms.send(new ListKeysCommand())).Keys).toEqual([])
  })

  it('rotates credentials: every worker refuses the old ones and takes the new', async () => {
    const old = await create('333344445555')
    for (const worker of WORKERS) {
      await server.kms(worker, credentialsOf(old)).send(new ListKeysCommand())
    }
    const { body } = await server.operator('RotateCredentials', { AccountId: '333344445555' })
    const told = body as Told & { DeactivatedAccessKeyIds: string[] }
    expect(told.DeactivatedAccessKeyIds).toEqual([old.AccessKeyId])
    expect(told.AccessKeyId).not.toBe(old.AccessKeyId)
    for (const worker of WORKERS) {
      const asks = () =>
        refusalOf(server.kms(worker, credentialsOf(old)).send(new ListKeysCommand()))
      const refused = { name: 'UnrecognizedClientException' }
      // At once on one machine; within the bound of the change feed on PostgreSQL.
      if (name === 'sqlite') expect(await asks()).toMatchObject(refused)
      else await vi.waitFor(async () => expect(await asks()).toMatchObject(refused), 1200)
      const kms = server.kms(worker, credentialsOf(told))
      expect((await kms.send(new ListKeysCommand())).Keys).toEqual([])
    }
    const nobody = await server.operator('RotateCredentials', { AccountId: '999999999999' })
    expect(nobody.body).toEqual({
      __type: 'NoSuchAccountException',
      message: 'There is no account 999999999999. List what there is with: keyhold account list',
    })
  })

  it('is recorded, once each, as the operator and without a secret', async () => {
    const made = await server.operator('CreateAccount', { AccountId: '444455556666' })
    const rotated = await server.operator('RotateCredentials', { AccountId: '444455556666' })
    const listed = await server.operator('ListAccounts')
    const refused = await server.operator('CreateAccount', { AccountId: '444455556666' })
    const operator = {
      userIdentity: {
        type: 'Operator',
        principalId: 'operator',
        arn: 'arn:aws:iam::000000000000:operator',
        accountId: '000000000000',
        accessKeyId: '',
      },
      eventSource: 'operator.keyhold',
      sourceIPAddress: 'operator.sock',
      recipientAccountId: '000000000000',
    }
    const { AccessKeyId, SecretAccessKey } = made.body as Told
    const next = rotated.body as Told
    expect(await recordsOf(made.requestId)).toEqual([
      expect.objectContaining({
        ...operator,
        eventName: 'CreateAccount',
        readOnly: false,
        requestParameters: { accountId: '444455556666' },
        responseElements: { accountId: '444455556666', accessKeyId: AccessKeyId },
      }),
    ])
    expect(await recordsOf(rotated.requestId)).toEqual([
      expect.objectContaining({
        ...operator,
        eventName: 'RotateCredentials',
        responseElements: {
          accessKeyId: next.AccessKeyId,
          deactivatedAccessKeyIds: [AccessKeyId],
        },
      }),
    ])
    expect(await recordsOf(listed.requestId)).toEqual([
      expect.objectContaining({ ...operator, eventName: 'ListAccounts', readOnly: true }),
    ])
    expect(await recordsOf(refused.requestId)).toEqual([
      expect.objectContaining({ ...operator, errorCode: 'AccountExistsException' }),
    ])
    const places = new Map([
      ...filesIn(server.directory),
      ['the log', Buffer.from(server.logged.join(''))],
    ])
    const secrets = new Map([
      ['the first secret', Buffer.from(SecretAccessKey)],
      ['the second secret', Buffer.from(next.SecretAccessKey)],
    ])
    expect(search(places, secrets)).toEqual([])
  })

  it('does nothing on the keys of an account, and an account nothing of the operator’s', async () => {
    const { KeyMetadata } = await server.kms(0).send(new CreateKeyCommand())
    for (const operation of ['ListKeys', 'DescribeKey', 'DisableKey', 'Decrypt']) {
      const answer = await server.operator(operation, { KeyId: KeyMetadata?.KeyId })
      expect([answer.status, answer.body.__type]).toEqual([400, 'UnknownOperationException'])
    }
    // The target of the operator's operations, signed by a root user, at the port.
    for (const operation of ['ListAccounts', 'CreateAccount', 'MigrateSeal', 'Unseal']) {
      const kms = server.kms(0)
      kms.middlewareStack.add(
        (next) => (given) => {
          const request = given.request as { headers: Record<string, string> }
          request.headers['x-amz-target'] = `KeyholdOperator.${operation}`
          return next(given)
        },
        { step: 'build' },
      )
      const { name: error } = await refusalOf(kms.send(new ListKeysCommand()))
      expect(error).toBe('UnknownOperationException')
    }
    const kms = server.kms(0)
    const Plaintext = Buffer.from('still served')
    const KeyId = KeyMetadata?.KeyId
    expect((await kms.send(new EncryptCommand({ KeyId, Plaintext }))).CiphertextBlob).toBeDefined()
  })
})

describe('the pipeline', () => {
  const demand = (action: string, owner: string) => [identityDemand(action, '*', owner)]
  const by = (caller: Caller) => ({ account: caller.account, caller }) as Call

  it('lets the operator do nothing but what is the operator’s', () => {
    expect(() =>
      authorize(demand('keyhold:ListAccounts', OPERATOR_ACCOUNT), by(operatorCaller)),
    ).not.toThrow()
    for (const action of [
      'kms:Decrypt',
      'kms:DescribeKey',
      'sts:GetCallerIdentity',
      'keyholdx:Y',
    ]) {
      for (const owner of [OPERATOR_ACCOUNT, '111122223333']) {
        expect(() => authorize(demand(action, owner), by(operatorCaller)), action).toThrow(
          AccessDeniedException,
        )
      }
    }
  })

  it('lets no root user do what is the operator’s', () => {
    for (const account of ['111122223333', OPERATOR_ACCOUNT]) {
      const call = by(rootCaller(account, 'AKIAIOSFODNN7EXAMPLE'))
      expect(() => authorize(operatorDemand('MigrateSeal', call), call)).toThrow(
        AccessDeniedException,
      )
    }
  })
})
