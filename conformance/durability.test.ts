// The order of system calls: no answer is written before its record is durable.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CreateKeyCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { expect, it, onTestFinished } from 'vitest'
import { childrenOf, newDirectoryOnDisk, startServer } from './server-program.ts'
import { type SystemCall, systemCalls } from './system-calls.ts'

const canTrace = spawnSync('strace', ['-f', '-e', 'trace=write', 'true']).status === 0
if (!canTrace) process.stderr.write('\nstrace cannot be used: the trace of writes is SKIPPED\n')

const REQUESTS = 20

it.skipIf(!canTrace)('No answer leaves before its record or its change is on disk', async () => {
  const directory = newDirectoryOnDisk()
  const log = join(directory.path, 'strace.log')
  const names = 'openat,write,writev,pwrite64,pwritev,sendto,sendmsg,fsync,fdatasync,close'
  const strace = ['strace', '-f', '-s', '65536', '-e', `trace=${names}`, '-o', log]
  const launch = [...strace, process.execPath, 'server/main.mjs']
  const server = await startServer(join(directory.path, 'data'), ['--workers', '1'], launch)
  onTestFinished(async () => {
    await server.kill()
    directory.remove()
  })
  const kms = server.kms()
  const created: string[] = []
  const encrypted: string[] = []
  const { KeyMetadata, $metadata } = await kms.send(new CreateKeyCommand())
  created.push($metadata.requestId as string)
  for (let count = 0; count < REQUESTS; count++) {
    // Some of them at once, so that several share one batch.
    const input = { KeyId: KeyMetadata?.KeyId, Plaintext: Buffer.from('x') }
    const [made, ...sealed] = await Promise.all([
      kms.send(new CreateKeyCommand()),
      ...[1, 2, 3].map(() => kms.send(new EncryptCommand(input))),
    ])
    created.push(made.$metadata.requestId as string)
    encrypted.push(...sealed.map((answer) => answer.$metadata.requestId as string))
  }
  // The server ends first, so that strace writes down everything before it ends itself.
  const [traced] = childrenOf(server.pid)
  process.kill(traced as number, 'SIGTERM')
  await once(server.process, 'exit')

  const calls = systemCalls(readFileSync(log, 'utf8'))
  const answerOf = (id: string) =>
    one(calls, ({ text }) => text.includes(`x-amzn-RequestId: ${id}`), `the answer ${id}`)

  // Reads and refusals: the record itself, on a descriptor that makes each write durable.
  for (const id of encrypted) {
    const record = one(
      calls,
      ({ path, text }) => path.includes('/trail/') && text.includes(`\\"requestID\\":\\"${id}\\"`),
      `the record of ${id}`,
    )
    expect(record.flags).toMatch(/O_APPEND/)
    expect(record.flags).toMatch(/O_DSYNC/)
    expect(record.returned).toMatch(/^\d+$/)
    expect(answerOf(id).beganAt).toBeGreaterThan(record.endedAt)
  }

  // Changes: the record stands in the outbox, in the write-ahead log, which is synced after that.
  for (const id of created) {
    const answer = answerOf(id)
    const inLog = calls.filter(
      ({ path, text, endedAt }) =>
        path.endsWith('keyhold.db-wal') && text.includes(id) && endedAt < answer.beganAt,
    )
    expect(inLog.length, `the change of ${id}`).toBeGreaterThan(0)
    const writtenAt = Math.max(...inLog.map(({ endedAt }) => endedAt))
    const synced = calls.some(
      ({ name, path, beganAt, endedAt }) =>
        /^f(data)?sync$/.test(name) &&
        path.endsWith('keyhold.db-wal') &&
        beganAt > writtenAt &&
        endedAt < answer.beganAt,
    )
    expect([id, synced]).toEqual([id, true])
  }
})

function one(
  calls: readonly SystemCall[],
  is: (call: SystemCall) => boolean,
  what: string,
): SystemCall {
  const found = calls.filter(is)
  expect(found.length, what).toBe(1)
  return found[0] as SystemCall
}
