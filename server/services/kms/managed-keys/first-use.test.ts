// The first use of a key that AWS manages, by two processes at once.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { migrate, openStorage } from '../../../storage/storage.ts'
import { Decrypt } from '../operations/Decrypt.ts'
import { Encrypt } from '../operations/Encrypt.ts'
import { ListAliases } from '../operations/ListAliases.ts'
import { ListKeys } from '../operations/ListKeys.ts'
import { kms } from '../service.ts'
import { callerOf, openDesk } from '../testing/desk.ts'
import { newRootKey } from '../testing/stores.ts'

const ACCOUNT = '111122223333'
const X = Buffer.from('x')

it('Two processes that use a key for the first time make one, and both decrypt', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'keyhold-managed-'))
  const open = () => openStorage({ sqliteFile: join(directory, 'keyhold.db') })
  const storages = [await open(), await open()] as const
  await migrate(storages[0], kms.migrations)
  const rootKey = newRootKey()
  const desks = [
    await openDesk(storages[0], rootKey),
    await openDesk(storages[1], rootKey),
  ] as const
  const arn = `arn:aws:iam::${ACCOUNT}:root`
  const caller = callerOf({ kind: 'root-user', account: ACCOUNT, arn })
  const via = ['s3.amazonaws.com']
  const input = { KeyId: 'alias/aws/s3', Plaintext: X }
  const [one, two] = await Promise.all(desks.map((desk) => desk.call(Encrypt, caller, input, via)))
  expect(one?.KeyId).toBe(two?.KeyId)
  const read = await desks[1].call(Decrypt, caller, { CiphertextBlob: one?.CiphertextBlob }, via)
  expect(Buffer.from(read.Plaintext ?? [])).toEqual(X)
  const { Aliases: aliases } = await desks[0].call(ListAliases, caller, {})
  const { Keys: keys } = await desks[0].call(ListKeys, caller, {})
  expect([aliases?.length, keys?.length]).toEqual([1, 1])
  for (const storage of storages) await storage.close()
  rmSync(directory, { recursive: true, force: true })
})
