// A clock that is put forward deletes no key, and no imported material:
// docs/decisions/0005-clock-guard.md, on a running server.
// Its wall clock alone is shifted, by what a file says; the steady clock stays the machine's.
import { constants, publicEncrypt, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  type KMSClient,
  ListKeysCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, expect, it, vi } from 'vitest'
import { keyhold } from './operator-programs.ts'
import { newDirectory, type Running, run, startServer } from './server-program.ts'

const HOUR_MS = 3_600_000
const TWO_DAYS_MS = 2 * 24 * HOUR_MS
const EIGHT_DAYS_MS = 8 * 24 * HOUR_MS
/** The clock is looked at every ten seconds. */
const NOTICED = { timeout: 30_000, interval: 100 }

const directory = newDirectory()
const data = join(directory.path, 'data')
const shiftFile = join(directory.path, 'shift')
const shiftedClock = `
import { readFileSync } from 'node:fs'
const now = Date.now
Date.now = () => now() + Number(readFileSync(${JSON.stringify(shiftFile)}, 'utf8'))
`
const launch = [
  process.execPath,
  '--import',
  `data:text/javascript,${encodeURIComponent(shiftedClock)}`,
  fileURLToPath(new URL('../server/main.mjs', import.meta.url)),
]

let server: Running | undefined
afterAll(async () => {
  await server?.kill()
  directory.remove()
})

const putForward = (ms: number) => writeFileSync(shiftFile, String(ms))
const wasTold = ({ log }: Running) =>
  log.some(({ msg }) => String(msg).startsWith('the wall clock ran ahead: nothing is deleted'))

async function restart(): Promise<Running> {
  expect((await server?.stop()) ?? 0).toBe(0)
  server = await startServer(data, ['--workers', '1'], launch)
  return server
}

/** What the two jobs that delete have done with their items. */
async function deletions({ endpoint }: Running): Promise<readonly string[]> {
  const text = await (await fetch(`${endpoint}/metrics`)).text()
  return ['delete-keys', 'expire-materials'].map((job) =>
    text
      .split('\n')
      .filter((line) => line.startsWith('keyhold_job_items') && line.includes(job))
      .join('\n'),
  )
}

/** Waits until each of the jobs has had this to say about its one item. */
async function bothAre(outcome: string, of: Running): Promise<void> {
  const said = expect.stringMatching(new RegExp(`outcome="${outcome}"\\} 1$`))
  await vi.waitFor(async () => expect(await deletions(of)).toEqual([said, said]), NOTICED)
}

/** A key with imported material that expires in two days, and a ciphertext of it. */
async function expiringKey(kms: KMSClient) {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Origin: 'EXTERNAL' }))
  const KeyId = KeyMetadata?.KeyId as string
  const { PublicKey, ImportToken } = await kms.send(
    new GetParametersForImportCommand({
      KeyId,
      WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
      WrappingKeySpec: 'RSA_2048',
    }),
  )
  const wrappingKey = {
    key: Buffer.from(PublicKey as Uint8Array),
    format: 'der',
    type: 'spki',
    padding: constants.RSA_PKCS1_OAEP_PADDING,
    oaepHash: 'sha256',
  } as const
  await kms.send(
    new ImportKeyMaterialCommand({
      KeyId,
      ImportToken,
      EncryptedKeyMaterial: publicEncrypt(wrappingKey, randomBytes(32)),
      ValidTo: new Date(Date.now() + TWO_DAYS_MS),
    }),
  )
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }),
  )
  return { KeyId, CiphertextBlob }
}

function inDatabase<T>(statement: string): T[] {
  const database = new DatabaseSync(join(data, 'keyhold.db'))
  try {
    return database.prepare(statement).all() as T[]
  } finally {
    database.close()
  }
}

/** Of each material in the database, whether anything is left of it. */
function materialsLeft(): readonly boolean[] {
  const rows = inDatabase<{ bytes: number }>('select length(wrapped) bytes from kms_key_materials')
  return rows.map(({ bytes }) => bytes > 0)
}

it('A clock that jumps by more than an hour deletes nothing until an operator confirms it', async () => {
  putForward(0)
  const before = await restart()
  const { KeyMetadata } = await before.kms().send(new CreateKeyCommand())
  const KeyId = KeyMetadata?.KeyId as string
  await before.kms().send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
  const expiring = await expiringKey(before.kms())
  const decryption = new DecryptCommand({ CiphertextBlob: expiring.CiphertextBlob })
  // The guard has to have seen the clock before it can see it jump.
  await vi.waitFor(() => expect(inDatabase('select name from job_clock')).toHaveLength(1), NOTICED)

  putForward(EIGHT_DAYS_MS)
  await vi.waitFor(() => expect(wasTold(before)).toBe(true), NOTICED)
  // Nobody's signature fits such a clock: that is how it is noticed.
  await expect(before.kms().send(new ListKeysCommand())).rejects.toThrow(/Signature expired/)

  // A server that starts by that clock finds key and material overdue, and leaves them.
  const ahead = await restart()
  // A client puts its clock by the first answer, whose date is not shifted: each makes one call.
  const inEightDays = (of: Running) => of.kms({ systemClockOffset: EIGHT_DAYS_MS })
  const state = async (client: KMSClient, id: string) => {
    const described = await client.send(new DescribeKeyCommand({ KeyId: id }))
    return described.KeyMetadata?.KeyState
  }
  await bothAre('suspended', ahead)
  expect([wasTold(ahead), await state(inEightDays(ahead), KeyId)]).toEqual([
    true,
    'PendingDeletion',
  ])
  // Material that may have expired is not used, and still there when it turns out that it has not.
  expect(await state(inEightDays(ahead), expiring.KeyId)).toBe('PendingImport')
  await expect(inEightDays(ahead).send(decryption)).rejects.toThrow(/is pending import/)
  putForward(0)
  expect(await state(ahead.kms(), expiring.KeyId)).toBe('Enabled')
  expect((await ahead.kms().send(decryption)).Plaintext).toEqual(Uint8Array.from(Buffer.from('x')))
  expect(materialsLeft()).toEqual([true, true])
  putForward(EIGHT_DAYS_MS)

  // Only an operator can tell that it is right. Here it is: the key's time has come.
  const confirmed = await keyhold(['clock', 'confirm', '--data', data])
  expect(confirmed.stdout).toMatch(/The clock is right at /)
  const after = await restart()
  await bothAre('done', after)
  await expect(state(inEightDays(after), KeyId)).rejects.toThrow(/does not exist/)
  expect(await state(inEightDays(after), expiring.KeyId)).toBe('PendingImport')
  // One went with its key; of the other is known that it was there.
  expect(materialsLeft()).toEqual([false])
  expect(wasTold(after)).toBe(false)

  expect(await after.stop()).toBe(0)
  expect((await run(['trail', 'verify', '--data', data])).code).toBe(0)
  const trail = join(data, 'trail')
  const texts = readdirSync(trail).map((name) => readFileSync(join(trail, name), 'utf8'))
  for (const name of ['ConfirmClock', 'DeleteKey', 'DeleteExpiredKeyMaterial']) {
    const events = texts.join('\n').split(`"eventName":"${name}"`).length - 1
    expect([name, events]).toEqual([name, 1])
  }
}, 120_000)
