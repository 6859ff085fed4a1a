// What GenerateDataKey and GenerateDataKeyWithoutPlaintext have in common, seen by callers: sizes and refusals.
import {
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  type GenerateDataKeyWithoutPlaintextCommandInput,
} from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type ServerWithKey, serverWithKey } from './server-with-key.ts'
import { alterKey, FOREIGN, NO_KEY_ID, newKey } from './stored-key.ts'

const EITHER_OR = refusal(
  'ValidationException',
  'Please specify either number of bytes or key spec.',
)

/** The tests of one of the two, for its own test file, which goes on with the same server and key. */
export function describeDataKeys(
  operation: 'GenerateDataKey' | 'GenerateDataKeyWithoutPlaintext',
): ServerWithKey {
  const on = serverWithKey()

  const generate = (input: Partial<GenerateDataKeyWithoutPlaintextCommandInput>) => {
    const whole = { KeyId: on.key.id, ...input }
    return operation === 'GenerateDataKey'
      ? on.kms.send(new GenerateDataKeyCommand(whole))
      : on.kms.send(new GenerateDataKeyWithoutPlaintextCommand(whole))
  }
  const told = async (input: Partial<GenerateDataKeyWithoutPlaintextCommandInput>) =>
    (await refusalOf(generate(input))).name

  it(`${operation} is told a size in exactly one way`, async () => {
    expect(await refusalOf(generate({}))).toEqual(EITHER_OR)
    expect(await refusalOf(generate({ KeySpec: 'AES_256', NumberOfBytes: 32 }))).toEqual(EITHER_OR)
  })

  it(`${operation} refuses 0 or 1025 bytes and a spec that is none`, async () => {
    const at = (value: string, name: string, sentence: string) =>
      invalid(`Value '${value}' at '${name}' failed to satisfy constraint: ${sentence}`)
    expect(await refusalOf(generate({ NumberOfBytes: 0 }))).toEqual(
      at('0', 'numberOfBytes', 'Member must have value greater than or equal to 1'),
    )
    expect(await refusalOf(generate({ NumberOfBytes: 1025 }))).toEqual(
      at('1025', 'numberOfBytes', 'Member must have value less than or equal to 1024'),
    )
    for (const spec of ['AES_192', 'AES_512']) {
      expect(await refusalOf(generate({ KeySpec: spec as 'AES_128' }))).toEqual(
        at(spec, 'keySpec', 'Member must satisfy enum value set: [AES_128, AES_256]'),
      )
    }
  })

  it.each(['1.5', '1e400', '"32"', 'true'])(
    `${operation} refuses %s as a number of bytes`,
    async (number) => {
      const body = `{"KeyId":"${on.key.id}","NumberOfBytes":${number}}`
      const answer = await sendSigned(on.server, operation, body)
      expect([answer.status, answer.body.__type]).toEqual([400, 'SerializationException'])
    },
  )

  it(`${operation} refuses a grant token and a context longer than 8192 characters`, async () => {
    expect(await refusalOf(generate({ KeySpec: 'AES_256', GrantTokens: ['t'] }))).toEqual(
      refusal('InvalidGrantTokenException', 'The grant token is not valid.'),
    )
    const EncryptionContext = { k: 'v'.repeat(8192) }
    expect(await refusalOf(generate({ KeySpec: 'AES_256', EncryptionContext }))).toEqual(
      refusal('ValidationException', 'The encryption context is longer than 8192 characters.'),
    )
  })

  it(`${operation} as a dry run tells what would become of the call`, async () => {
    const dry = { KeySpec: 'AES_256', DryRun: true } as const
    expect(await refusalOf(generate(dry))).toEqual(
      refusal(
        'DryRunOperationException',
        'The request would have succeeded, but the DryRun option is set.',
      ),
    )
    expect(await told({ ...dry, KeyId: NO_KEY_ID })).toBe('NotFoundException')
    expect(await told({ ...dry, NumberOfBytes: 1 })).toBe('ValidationException')
  })

  it(`${operation} checks validity, then permission, then existence, then state`, async () => {
    const disabled = await newKey(on.kms)
    await alterKey(on.server, disabled, { state: 'Disabled' })
    const pending = await newKey(on.kms)
    await alterKey(on.server, pending, { state: 'PendingDeletion' })
    const spec = { KeySpec: 'AES_256' } as const
    expect((await sendSigned(on.server, operation, '{}')).body.__type).toBe('ValidationException')
    expect(await told({ ...spec, KeyId: FOREIGN, NumberOfBytes: 0 })).toBe('ValidationException')
    expect(await told({ KeyId: FOREIGN })).toBe('ValidationException')
    expect(await told({ ...spec, KeyId: FOREIGN })).toBe('AccessDeniedException')
    expect(await told({ ...spec, KeyId: NO_KEY_ID })).toBe('NotFoundException')
    expect(await told({ ...spec, KeyId: disabled.id })).toBe('DisabledException')
    expect(await told({ ...spec, KeyId: pending.id })).toBe('KMSInvalidStateException')
  })

  return on
}
