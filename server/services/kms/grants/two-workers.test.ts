// A grant made and revoked at one process, as callers of another one see it.
import { setTimeout as sleep } from 'node:timers/promises'
import { CreateKeyCommand, EncryptCommand, RevokeGrantCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OperatedServer, operatedServer } from '../../../testing/operated-server.ts'
import { refusalOf } from '../../../testing/refusal.ts'
import { serverDialects } from '../../cloudtrail/testing/server-dialects.ts'
import { newGrant } from '../testing/grants.ts'

const X = Buffer.from('x')
/** How long another process may go on as before; on one machine it hears at once. */
const BOUND_MS = { sqlite: 0, postgres: 1000 }

describe.each(serverDialects)('Between two processes on $name', ({ name, newDatabase }) => {
  let server: OperatedServer
  let remove: () => Promise<void>
  let theirs: { accessKeyId: string; secretAccessKey: string }
  beforeAll(async () => {
    const database = await newDatabase()
    remove = database.remove
    server = await operatedServer(database.options)
    await server.serving
    const { body } = await server.operator('CreateAccount', { AccountId: '444455556666' })
    theirs = {
      accessKeyId: String(body.AccessKeyId),
      secretAccessKey: String(body.SecretAccessKey),
    }
  })
  afterAll(async () => {
    await server.close()
    await remove()
  })

  it('a grant is known, and a revoked one is not, within the bound; with its token at once', async () => {
    const ours = server.kms(0)
    const { KeyMetadata } = await ours.send(new CreateKeyCommand())
    const key = { id: KeyMetadata?.KeyId as string, arn: KeyMetadata?.Arn as string }
    const use = (worker: 0 | 1, GrantTokens?: string[]) =>
      server
        .kms(worker, theirs)
        .send(new EncryptCommand({ KeyId: key.arn, Plaintext: X, GrantTokens }))
    const isRefused = (worker: 0 | 1) =>
      use(worker).then(
        () => false,
        () => true,
      )
    const within = async (refused: boolean) => {
      const deadline = performance.now() + BOUND_MS[name]
      while ((await isRefused(1)) !== refused && performance.now() < deadline) await sleep(20)
      return isRefused(1)
    }
    // Both processes know that there is no grant.
    for (const worker of [0, 1] as const) expect(await isRefused(worker)).toBe(true)
    const grant = await newGrant(ours, key)
    await use(1, [grant.token])
    await use(0)
    expect(await within(false)).toBe(false)
    await ours.send(new RevokeGrantCommand({ KeyId: key.id, GrantId: grant.id }))
    expect((await refusalOf(use(0))).name).toBe('AccessDeniedException')
    expect((await refusalOf(use(0, [grant.token]))).name).toBe('AccessDeniedException')
    expect(await within(true)).toBe(true)
  })
})
