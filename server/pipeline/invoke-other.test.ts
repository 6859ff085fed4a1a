// Who calls, in which account, when one service uses an operation of another; and what is refused.
import { describe, expect, it } from 'vitest'
import { type Call, invokesNothing } from '../contract/call.ts'
import { type Caller, INTERNAL_ACCOUNT } from '../contract/caller.ts'
import { AwsError } from '../contract/errors.ts'
import type { Through } from '../contract/through.ts'
import { NO_POLICIES } from '../policy/authorization-request.ts'
import { contextOf } from '../policy/context.ts'
import { principalKeys } from '../policy/principal.ts'
import { Encrypt } from '../services/kms/index.ts'
import { Decrypt } from '../services/kms/operations/Decrypt.ts'
import { kms } from '../services/kms/service.ts'
import type { Answer } from './invoke.ts'
import { createInvokeOther } from './invoke-other.ts'
import { plan } from './plan.ts'

class FullException extends AwsError {}

const ACCOUNT = '111122223333'
const source = { arn: 'arn:aws:s3:::notes', account: ACCOUNT }
const principal = { kind: 'user', account: ACCOUNT, arn: 'alice', id: 'AIDA', name: 'a' } as const
const alice: Caller = {
  type: 'IAMUser',
  account: ACCOUNT,
  arn: 'alice',
  principalId: 'AIDA',
  accessKeyId: 'AKIA',
  userName: 'a',
  session: undefined,
  principal,
  policies: NO_POLICIES,
  context: contextOf(principalKeys(principal)),
}
const around: Call = {
  id: 'outer',
  account: ACCOUNT,
  region: 'eu-west-1',
  caller: alice,
  origin: { ipAddress: '192.0.2.7', userAgent: 'cli', host: 'h', tls: undefined },
  service: 's3.amazonaws.com',
  via: [],
  nowMs: 1_700_000_000_000,
  deadlineMs: 1_700_000_010_000,
  stores: 'of s3',
  invoke: invokesNothing,
}

/** The call that KMS sees when s3 invokes it so, from a call that is `around` but for this. */
async function callOf(how: Through, more: Partial<Call> = {}): Promise<Call> {
  const calls: Call[] = []
  const invoke = createInvokeOther({
    plans: [plan(kms, Encrypt)],
    invoke(_plan, _input, call, settle) {
      calls.push(call)
      settle({ output: { KeyId: 'k' }, error: undefined })
    },
    storesOf: (_plan, scope) => scope,
    requireCurrent() {},
  })
  const call = { ...around, invoke, ...more }
  const input = { KeyId: 'k', Plaintext: Buffer.from('x') }
  expect(await call.invoke(Encrypt, input, how)).toEqual({ KeyId: 'k' })
  return calls[0] as Call
}

describe('On behalf of its caller a service calls', () => {
  it('as the same caller, from the same place, in the same account, at the same moment', async () => {
    const { caller, origin, account, region, nowMs, deadlineMs } = await callOf({ as: 'caller' })
    expect(caller).toBe(alice)
    expect(origin).toBe(around.origin)
    expect([account, region]).toEqual([ACCOUNT, 'eu-west-1'])
    expect([nowMs, deadlineMs]).toEqual([around.nowMs, around.deadlineMs])
  })

  it('under a request id of its own, as the other service and with its stores', async () => {
    const { id, service, stores } = await callOf({ as: 'caller' })
    expect(id).not.toBe('outer')
    expect(service).toBe('kms.amazonaws.com')
    expect(stores).toEqual({ account: ACCOUNT, region: 'eu-west-1' })
  })

  it('behind the services that passed the request on before', async () => {
    expect((await callOf({ as: 'caller' })).via).toEqual(['s3.amazonaws.com'])
    const chained = await callOf({ as: 'caller' }, { via: ['cloudformation.amazonaws.com'] })
    expect(chained.via).toEqual(['cloudformation.amazonaws.com', 's3.amazonaws.com'])
  })
})

describe('As itself a service calls', () => {
  it('in the internal account, whoever called it', async () => {
    const { caller, account, via, origin } = await callOf(
      { as: 'service', source },
      { via: ['cloudformation.amazonaws.com'] },
    )
    expect([account, caller.account, caller.type]).toEqual([
      INTERNAL_ACCOUNT,
      INTERNAL_ACCOUNT,
      'AWSService',
    ])
    expect(caller.principal).toEqual({ kind: 'service', name: 's3.amazonaws.com', names: [] })
    expect(caller.policies).toBe(NO_POLICIES)
    expect([via, origin.ipAddress]).toEqual([[], 's3.amazonaws.com'])
  })

  it('with the resource it acts for', async () => {
    const { context } = (await callOf({ as: 'service', source })).caller
    expect(context.get('aws:sourcearn')?.scalar).toBe(source.arn)
    expect(context.get('aws:sourceaccount')?.scalar).toBe(ACCOUNT)
    expect(context.get('aws:principalisawsservice')?.scalar).toBe('true')
  })

  it('through a grant in the account that owns the resource', async () => {
    const { caller, account } = await callOf({ as: 'grantee', source })
    expect([account, caller.account, caller.arn]).toEqual([
      ACCOUNT,
      INTERNAL_ACCOUNT,
      's3.amazonaws.com',
    ])
  })
})

it('A session for a resource is one of the account, of a role that no account can make', async () => {
  const { caller, account, via } = await callOf({
    as: 'infrastructure',
    role: 'aws:ec2-infrastructure',
    session: 'i-1',
    account: '444455556666',
  })
  expect([account, caller.account, via]).toEqual(['444455556666', '444455556666', []])
  expect([caller.type, caller.arn, caller.principalId]).toEqual([
    'AssumedRole',
    'arn:aws:sts::444455556666:assumed-role/aws:ec2-infrastructure/i-1',
    '444455556666:aws:ec2-infrastructure:i-1',
  ])
  expect(caller.policies).toBe(NO_POLICIES)
  expect(caller.context.get('aws:principalisawsservice')?.scalar).toBe('true')
})

describe('A call within a call fails', () => {
  const failing = (answer: Answer, requireCurrent = () => {}): Call => ({
    ...around,
    invoke: createInvokeOther({
      plans: [plan(kms, Encrypt)],
      invoke: (_plan, _input, _call, settle) => settle(answer),
      storesOf: () => undefined,
      requireCurrent,
    }),
  })
  const output = { output: {}, error: undefined }
  const input = { KeyId: 'k', Plaintext: Buffer.from('x') }

  it('with the error of the operation', async () => {
    const error = new FullException('full')
    const call = failing({ output: undefined, error })
    await expect(call.invoke(Encrypt, input, { as: 'caller' })).rejects.toBe(error)
  })

  it('where the process cannot know that it is current', async () => {
    const call = failing(output, () => {
      throw new Error('not current')
    })
    await expect(call.invoke(Encrypt, input, { as: 'caller' })).rejects.toThrow('not current')
  })

  it('where no service of this server has the operation', async () => {
    const call = failing(output)
    const blob = { CiphertextBlob: Buffer.from('x') }
    await expect(call.invoke(Decrypt, blob, { as: 'caller' })).rejects.toThrow(
      'no service here has Decrypt',
    )
  })
})

it('Services that call each other in a circle end before long, and not their server', async () => {
  let calls = 0
  const invoke = createInvokeOther({
    plans: [plan(kms, Encrypt)],
    invoke(_plan, input, call, settle) {
      calls += 1
      const failed = () =>
        settle({ output: undefined, error: new FullException('ended') } as unknown as Answer)
      call
        .invoke(Encrypt, input as never, { as: 'service', source })
        .then(() => settle({ output: {}, error: undefined }), failed)
    },
    storesOf: (_plan, scope) => scope,
    requireCurrent() {},
  })
  const input = { KeyId: 'k', Plaintext: Buffer.from('x') }
  const first = { ...around, invoke }
  for (const times of [1, 2]) {
    await expect(first.invoke(Encrypt, input, { as: 'caller' })).rejects.toThrow('ended')
    // Calls beside each other are none deeper.
    expect(calls).toBe(8 * times)
  }
})
