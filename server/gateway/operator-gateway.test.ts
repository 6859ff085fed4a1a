// The operator socket: who may open it, and what it does with what it does not understand.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { operatorCaller } from '../operator/operation.ts'
import { callOperator, type OperatedServer, operatedServer } from '../testing/operated-server.ts'
import { openOperatorGateway } from './operator-gateway.ts'

const modes: number[] = []
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>()
  return {
    ...real,
    chmodSync(path: string, mode: number) {
      // What it was before anybody set it.
      if (path.endsWith('.sock')) modes.push(real.statSync(path).mode & 0o777)
      real.chmodSync(path, mode)
    },
  }
})

let server: OperatedServer
beforeAll(async () => {
  server = await operatedServer()
  await server.serving
})
afterAll(() => server.close())

const target = (operation: string) => `KeyholdOperator.${operation}`

describe('the operator socket', () => {
  it('is for its owner alone, from the first instant and whatever the umask lets through', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'keyhold-socket-'))
    const socketFile = join(directory, 'operator.sock')
    const parts = {
      socketFile,
      plans: [],
      caller: operatorCaller,
      region: 'us-east-1',
      log: pino({ level: 'silent' }),
      early: () => Promise.resolve(undefined),
      open: () => Promise.reject(new Error('not here')),
    }
    const before = process.umask(0)
    modes.length = 0
    try {
      const close = await openOperatorGateway(parts)
      expect(modes).toEqual([0o600])
      expect(statSync(socketFile).mode & 0o777).toBe(0o600)
      expect(process.umask(0)).toBe(0)
      await close()
    } finally {
      process.umask(before)
      rmSync(directory, { recursive: true })
    }
    expect(statSync(join(server.directory, 'operator.sock')).mode & 0o777).toBe(0o600)
  })

  it('takes the place of one that a killed server left, also of another file', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'keyhold-socket-'))
    const socketFile = join(directory, 'operator.sock')
    const left = createServer()
    await new Promise<void>((resolve) => left.listen(socketFile, resolve))
    const parts = {
      socketFile,
      plans: [],
      caller: operatorCaller,
      region: 'us-east-1',
      log: pino({ level: 'silent' }),
      early: () => Promise.resolve(undefined),
      open: () => Promise.reject(new Error('not here')),
    }
    for (const put of [() => {}, () => writeFileSync(socketFile, 'no socket')]) {
      put()
      const close = await openOperatorGateway(parts)
      const { body } = await callOperator(directory, target('GetSealStatus'), {})
      expect(body.__type).toBe('UnknownOperationException')
      await close()
    }
    left.close()
    rmSync(directory, { recursive: true })
  })
})

describe('a request that is none of the operator’s', () => {
  it.each([
    'TrentService.ListKeys',
    'TrentService.Decrypt',
    'KeyholdOperator.Destroy',
    '',
    'constructor',
  ])('is refused: %s', async (name) => {
    const { status, body } = await callOperator(server.directory, name, {})
    expect([status, body.__type]).toEqual([400, 'UnknownOperationException'])
  })

  it('is refused with another method', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await callOperator(server.directory, target('ListAccounts'), '', method)
      expect([answer.status, answer.body.__type]).toEqual([400, 'UnknownOperationException'])
    }
  })
})

describe('a malformed request', () => {
  it.each([
    ['no JSON', '{'],
    ['no structure', '[]'],
    ['null', 'null'],
    ['bytes that are no UTF-8', '{"AccountId":"\xff"}'],
    ['a number for a string', '{"AccountId":123456789012}'],
    ['a list for a string', '{"AccountId":["123456789012"]}'],
  ])('is refused and recorded: %s', async (_what, input) => {
    const bytes = input.includes('\xff') ? Buffer.from(input, 'latin1') : Buffer.from(input)
    const answer = await sendBytes('CreateAccount', bytes)
    expect([answer.status, answer.body.__type]).toEqual([400, 'SerializationException'])
    const records = await server.records()
    expect(records.filter(({ requestID }) => requestID === answer.requestId)).toMatchObject([
      { eventName: 'CreateAccount', errorCode: 'SerializationException', requestParameters: null },
    ])
  })

  it.each([
    ['CreateAccount', {}],
    ['CreateAccount', { AccountId: '12345678901' }],
    ['CreateAccount', { AccountId: '000000000000' }],
    ['CreateAccount', { AccountId: '12345678901２' }],
    ['RotateCredentials', { AccountId: '' }],
    ['MigrateSeal', { Kind: 'shares', Shares: 256 }],
    ['MigrateSeal', { Kind: 'shares', Shares: 3, Threshold: 1 }],
    ['MigrateSeal', { Kind: 'passphrase', Passphrase: 'x'.repeat(4097) }],
    ['ConfirmSeal', { Set: 'no set' }],
  ])('is refused and recorded, and nothing done: %s %j', async (operation, input) => {
    const answer = await server.operator(operation, input)
    expect([answer.status, answer.body.__type]).toEqual([400, 'ValidationException'])
    expect(String(answer.body.message)).not.toContain('xxxx')
    const records = await server.records()
    const [record, ...more] = records.filter(({ requestID }) => requestID === answer.requestId)
    expect(more).toEqual([])
    expect(record).toMatchObject({ eventName: operation, errorCode: 'ValidationException' })
    expect(JSON.stringify(record)).not.toContain('xxxx')
    const { body } = await server.operator('GetSealStatus')
    expect(body).toMatchObject({ Kind: 'file', Sealed: false })
  })

  it('is refused when it is too large, without being read to its end', async () => {
    const answer = await server.operator('CreateAccount', 'x'.repeat(64 * 1024 + 1))
    expect([answer.status, answer.body.__type]).toEqual([413, 'RequestEntityTooLargeException'])
  })
})

function sendBytes(operation: string, bytes: Buffer) {
  return callOperator(server.directory, target(operation), bytes)
}
