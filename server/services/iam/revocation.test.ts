// What is taken away through IAM's API stops at once in the worker that took it, and within the bound of
// the change feed in another one: through two workers, on both databases.
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteUserPolicyCommand,
  type IAMClient,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam'
import { ListKeysCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type OperatedServer, operatedServer } from '../../testing/operated-server.ts'
import { refusalOf } from '../../testing/refusal.ts'
import { serverDialects } from '../cloudtrail/testing/server-dialects.ts'
import { allowing } from './testing/stores.ts'

const WORKERS = [0, 1] as const

describe.each(serverDialects)('On $name', ({ name, newDatabase }) => {
  let server: OperatedServer
  let remove: () => Promise<void>
  let iam: IAMClient
  beforeAll(async () => {
    const database = await newDatabase()
    remove = database.remove
    server = await operatedServer(database.options)
    await server.serving
    iam = server.iam(0)
  })
  afterAll(async () => {
    await server.close()
    await remove()
  })

  /** A user that may list keys, whom both workers know already. */
  async function makeUser(UserName: string) {
    await iam.send(new CreateUserCommand({ UserName }))
    const policy = { PolicyName: 'p', PolicyDocument: allowing('kms:ListKeys') }
    await iam.send(new PutUserPolicyCommand({ UserName, ...policy }))
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
    const credentials = {
      accessKeyId: AccessKey?.AccessKeyId as string,
      secretAccessKey: AccessKey?.SecretAccessKey as string,
    }
    const list = (worker: 0 | 1) => server.kms(worker, credentials).send(new ListKeysCommand())
    for (const worker of WORKERS) {
      await vi.waitFor(async () => expect((await list(worker)).Keys).toEqual([]), 1200)
    }
    return { UserName, AccessKeyId: credentials.accessKeyId, list }
  }

  async function refusedEverywhere(
    list: (worker: 0 | 1) => Promise<unknown>,
    expected: { name: string },
  ): Promise<void> {
    const refused = async (worker: 0 | 1) =>
      expect(await refusalOf(list(worker))).toMatchObject(expected)
    await refused(0)
    // At once on one machine; within the bound of the change feed on PostgreSQL.
    if (name === 'sqlite') await refused(1)
    else await vi.waitFor(() => refused(1), 1200)
  }

  it('an access key that is deactivated signs no more', async () => {
    const { list, ...key } = await makeUser('deactivated')
    await iam.send(new UpdateAccessKeyCommand({ ...key, Status: 'Inactive' }))
    await refusedEverywhere(list, { name: 'UnrecognizedClientException' })
  })

  it('a policy that is deleted allows no more', async () => {
    const { list, UserName } = await makeUser('limited')
    await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: 'p' }))
    await refusedEverywhere(list, { name: 'AccessDeniedException' })
  })
})
