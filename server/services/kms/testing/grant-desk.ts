// A desk with a key, and whom grants on it are for.
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import type { Caller } from '../../../contract/caller.ts'
import type { AccountPrincipal } from '../../../policy/principal.ts'
import { cast, ROLE, USER } from '../../../policy/testing/cast.ts'
import { CreateGrant } from '../operations/CreateGrant.ts'
import { CreateKey } from '../operations/CreateKey.ts'
import { Encrypt } from '../operations/Encrypt.ts'
import type { CreateGrantRequest } from '../wire.ts'
import { callerOf, newDesk } from './desk.ts'

export const of = (name: keyof typeof cast) => cast[name] as AccountPrincipal
export const root = callerOf(of('rootUser'))
export const ursula = callerOf(of('user'))
export const reader = callerOf(of('roleSession'))
export const bert = (cast.userOfB as AccountPrincipal & { arn: string }).arn
export const worker = 'arn:aws:iam::444455556666:role/worker'
export const X = Buffer.from('x')

export const denied = (call: Promise<unknown>) =>
  expect(call).rejects.toThrow('not authorized to perform')
export const allowed = (call: Promise<unknown>) => expect(call).resolves.toBeDefined()

/** A desk for the tests of a file, with a new key before each of them. */
export function grantDesk() {
  let desk: Awaited<ReturnType<typeof newDesk>>
  let keyArn: string
  beforeAll(async () => {
    desk = await newDesk()
  })
  afterAll(() => desk.close())
  beforeEach(async () => {
    desk.principals.clear()
    desk.principals
      .set(USER, 'AIDAURSULA0000000001')
      .set(ROLE, 'AROAREADER0000000001')
      .set(bert, 'AIDABERT000000000001')
      .set(worker, 'AROAWORKER0000000001')
    keyArn = (await desk.call(CreateKey, root, {})).KeyMetadata?.Arn as string
  })
  return {
    get desk() {
      return desk
    },
    get keyArn() {
      return keyArn
    },
    /** What follows in this test is about another key. */
    use(otherArn: string) {
      keyArn = otherArn
    },
    /** A grant to encrypt, or another one. */
    grant(input: Partial<CreateGrantRequest>, caller = root) {
      const Operations = input.Operations ?? ['Encrypt']
      return desk.call(CreateGrant, caller, { KeyId: keyArn, ...input, Operations })
    },
    encrypt(caller: Caller, context?: Record<string, string>) {
      return desk.call(Encrypt, caller, { KeyId: keyArn, Plaintext: X, EncryptionContext: context })
    },
  }
}
