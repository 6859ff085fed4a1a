// A clock that is put forward deletes no key: docs/decisions/0005-clock-guard.md, on a running server.
// Its wall clock alone is shifted, by what a file says; the steady clock stays the machine's.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import {
  CreateKeyCommand,
  DescribeKeyCommand,
  ListKeysCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { afterAll, expect, it, vi } from 'vitest'
import { keyhold } from './operator-programs.ts'
import { newDirectory, type Running, run, startServer } from './server-program.ts'

const HOUR_MS = 3_600_000
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
  fileURLToPath(new URL('../server/main.ts', import.meta.url)),
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

async function deletions({ endpoint }: Running): Promise<string> {
  const text = await (await fetch(`${endpoint}/metrics`)).text()
  const lines = text.split('\n').filter((line) => /^keyhold_job_items.*delete-keys/.test(line))
  return lines.join('\n')
}

it('A clock that jumps by more than an hour deletes nothing until an operator confirms it', async () => {
  putForward(0)
  const before = await restart()
  const { KeyMetadata } = await before.kms().send(new CreateKeyCommand())
  const KeyId = KeyMetadata?.KeyId as string
  await before.kms().send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
  // The guard has to have seen the clock before it can see it jump.
  await vi.waitFor(() => {
    const database = new DatabaseSync(join(data, 'keyhold.db'))
    const seen = database.prepare('select name from job_clock').all()
    database.close()
    expect(seen).toHaveLength(1)
  }, NOTICED)

  putForward(EIGHT_DAYS_MS)
  await vi.waitFor(() => expect(wasTold(before)).toBe(true), NOTICED)
  // Nobody's signature fits such a clock: that is how it is noticed.
  await expect(before.kms().send(new ListKeysCommand())).rejects.toThrow(/Signature expired/)

  // A server that starts by that clock finds the key overdue, and leaves it.
  const ahead = await restart()
  const kms = ahead.kms({ systemClockOffset: EIGHT_DAYS_MS })
  const state = async () => {
    const described = await kms.send(new DescribeKeyCommand({ KeyId }))
    return described.KeyMetadata?.KeyState
  }
  await vi.waitFor(async () => {
    expect(await deletions(ahead)).toMatch(/outcome="suspended"\} 1$/)
  }, NOTICED)
  expect([wasTold(ahead), await state()]).toEqual([true, 'PendingDeletion'])

  // Only an operator can tell that it is right. Here it is: the key's time has come.
  const confirmed = await keyhold(['clock', 'confirm', '--data', data])
  expect(confirmed.stdout).toMatch(/The clock is right at /)
  const after = await restart()
  await vi.waitFor(async () => {
    expect(await deletions(after)).toMatch(/outcome="done"\} 1$/)
  }, NOTICED)
  const late = after.kms({ systemClockOffset: EIGHT_DAYS_MS })
  await expect(late.send(new DescribeKeyCommand({ KeyId }))).rejects.toThrow(/does not exist/)
  expect(wasTold(after)).toBe(false)

  expect(await after.stop()).toBe(0)
  expect((await run(['trail', 'verify', '--data', data])).code).toBe(0)
  const trail = join(data, 'trail')
  const texts = readdirSync(trail).map((name) => readFileSync(join(trail, name), 'utf8'))
  for (const name of ['ConfirmClock', 'DeleteKey']) {
    const events = texts.join('\n').split(`"eventName":"${name}"`).length - 1
    expect([name, events]).toEqual([name, 1])
  }
}, 120_000)
