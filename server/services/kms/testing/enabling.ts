// What EnableKey and DisableKey have in common, seen by callers: each sets one state, and undoes the other's.
import {
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from './recorded.ts'
import { alterKey, NO_KEY_ID, newKey } from './stored-key.ts'

const COMMANDS = { EnableKey: EnableKeyCommand, DisableKey: DisableKeyCommand }
const STATES = { EnableKey: 'Enabled', DisableKey: 'Disabled' } as const
const OPPOSITES = { EnableKey: 'DisableKey', DisableKey: 'EnableKey' } as const

/** The tests of one of the two, for its own test file. */
export function describeEnabling(operation: 'EnableKey' | 'DisableKey'): void {
  const opposite = OPPOSITES[operation]
  let server: TestServer
  let kms: KMSClient
  beforeAll(async () => {
    server = await testServer()
    kms = server.kms()
  })
  afterAll(() => server.close())

  const send = (name: keyof typeof COMMANDS, KeyId: string) =>
    kms.send(new COMMANDS[name]({ KeyId }))

  it(`${operation} answers with an empty body`, async () => {
    const key = await newKey(kms)
    const response = await sendSigned(server, operation, `{"KeyId":"${key.id}"}`)
    expect([response.status, response.body]).toEqual([200, {}])
  })

  it(`${operation} leaves a key that is so already as it is`, async () => {
    const key = await newKey(kms)
    for (let times = 0; times < 2; times++) {
      await send(operation, key.id)
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: key.id }))
      const Enabled = operation === 'EnableKey'
      expect(KeyMetadata).toMatchObject({ KeyState: STATES[operation], Enabled })
    }
  })

  it(`${operation} changes one key and no other`, async () => {
    const [key, other] = [await newKey(kms), await newKey(kms)]
    for (const { id } of [key, other]) await send(opposite, id)
    await send(operation, key.arn)
    const stateOf = async (KeyId: string) =>
      (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState
    expect(await stateOf(key.id)).toBe(STATES[operation])
    expect(await stateOf(other.id)).toBe(STATES[opposite])
  })

  it(`${operation} checks validity, then permission, then existence, then state`, async () => {
    const pending = await newKey(kms)
    await alterKey(server, pending, { state: 'PendingDeletion' })
    const told = async (KeyId: string) => (await refusalOf(send(operation, KeyId))).name
    expect((await sendSigned(server, operation, '{}')).body.__type).toBe('ValidationException')
    expect(await told('')).toBe('ValidationException')
    expect(await told(`arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${NO_KEY_ID}`)).toBe(
      'AccessDeniedException',
    )
    expect(await told(NO_KEY_ID)).toBe('NotFoundException')
    expect(await told(pending.id)).toBe('KMSInvalidStateException')
  })

  it(`${operation} is recorded with the ARN of the key in place of an answer`, async () => {
    const key = await newKey(kms)
    expect(await recordOf(server, send(operation, key.id))).toMatchObject({
      eventName: operation,
      readOnly: false,
      requestParameters: { keyId: key.id },
      responseElements: { keyId: key.arn },
      resources: [{ ARN: key.arn }],
    })
  })
}
