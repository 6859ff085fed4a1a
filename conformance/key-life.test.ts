// A key's whole life as the AWS CLI, boto3 and the JavaScript SDK live it, step by step on one server.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
import { setTimeout as sleep } from 'node:timers/promises'
import { GetKeyRotationStatusCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { awsCli, boto3, javascriptSdk } from './official-clients.ts'
import { type Credentials, newDirectory, type Running, startServer } from './server-program.ts'

const PLAINTEXT = Buffer.from('written before the rotation').toString('base64')
const ROTATION_DEADLINE_MS = 30_000

const clients = [awsCli, boto3, javascriptSdk]
for (const { name, missing } of clients) {
  if (missing)
    process.stderr.write(`\n${missing} is not installed: a key's life with ${name} is SKIPPED\n`)
}

const directory = newDirectory()
let server: Running
let who: Credentials
beforeAll(async () => {
  server = await startServer(directory.path)
  who = { ...server.credentials, endpoint: server.endpoint }
})
afterAll(async () => {
  for (const client of clients) client.end()
  await server.stop()
  directory.remove()
})

/** Asked by a client that need not be started for each question. */
async function rotated(KeyId: string): Promise<void> {
  const kms = server.kms()
  for (const endMs = performance.now() + ROTATION_DEADLINE_MS; performance.now() < endMs; ) {
    const status = await kms.send(new GetKeyRotationStatusCommand({ KeyId }))
    if (status.OnDemandRotationStartDate === undefined) return
    await sleep(250)
  }
  throw new Error(`${KeyId} was not rotated`)
}

type Input = Parameters<(typeof clients)[number]['call']>[2]
type Made = { KeyMetadata: { KeyId: string; Arn: string; KeyState: string } }

describe.concurrent.each(clients)('$name', (client) => {
  // Few steps, since every call of the AWS CLI starts it anew.
  it.skipIf(client.missing !== undefined)(
    "lives a key's whole life",
    async () => {
      const call = async <T = Record<string, string>>(operation: string, input: Input) => {
        const answer = await client.call(who, operation, input)
        expect(answer, operation).toHaveProperty('output')
        return answer.output as T
      }
      const refusal = (operation: string, input: Input) => client.call(who, operation, input)

      // A key with a name, and something encrypted by that name.
      const { KeyMetadata } = await call<Made>('CreateKey', {})
      const { KeyId, Arn } = KeyMetadata
      const AliasName = `alias/${client.name.replaceAll(/\W/g, '-')}`
      await call('CreateAlias', { AliasName, TargetKeyId: KeyId })
      const encrypting = { KeyId: AliasName, Plaintext: PLAINTEXT }
      const { CiphertextBlob, KeyId: encryptedUnder } = await call('Encrypt', encrypting)
      expect(encryptedUnder).toBe(Arn)

      // New material, and what the old one encrypted still decrypts.
      await call('RotateKeyOnDemand', { KeyId })
      await rotated(KeyId)
      const { Rotations } = await call<{ Rotations: object[] }>('ListKeyRotations', { KeyId })
      expect(Rotations).toMatchObject([{ RotationType: 'ON_DEMAND' }])
      const decrypting = { CiphertextBlob: CiphertextBlob as string }
      const decrypted = { Plaintext: PLAINTEXT, KeyId: Arn }
      expect(await call('Decrypt', decrypting)).toMatchObject(decrypted)

      // Disabled: refused, until it is enabled.
      await call('DisableKey', { KeyId })
      const disabled = { error: 'DisabledException', message: `${Arn} is disabled.` }
      expect(await refusal('Encrypt', encrypting)).toEqual(disabled)
      await call('EnableKey', { KeyId })
      expect(await call('Decrypt', decrypting)).toMatchObject(decrypted)

      // To be deleted: refused, and not even enabled.
      const scheduled = await call('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 })
      expect(scheduled).toMatchObject({ KeyState: 'PendingDeletion', PendingWindowInDays: 7 })
      const pending = { error: 'KMSInvalidStateException', message: `${Arn} is pending deletion.` }
      expect(await refusal('Decrypt', decrypting)).toEqual(pending)
      expect(await refusal('EnableKey', { KeyId })).toEqual(pending)

      // Saved: disabled, as AWS leaves it, until somebody enables it.
      await call('CancelKeyDeletion', { KeyId })
      expect(await refusal('Decrypt', decrypting)).toEqual(disabled)
      await call('EnableKey', { KeyId })
      expect(await call('Decrypt', decrypting)).toMatchObject(decrypted)
      const { CiphertextBlob: last } = await call('Encrypt', encrypting)
      expect(await call('Decrypt', { CiphertextBlob: last as string })).toMatchObject(decrypted)
    },
    120_000,
  )
})
