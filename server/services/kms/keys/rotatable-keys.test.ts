// Which keys rotate: symmetric encryption keys, and no others.
// https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
import {
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  GetKeyRotationStatusCommand,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
  ListKeyRotationsCommand,
  RotateKeyOnDemandCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { alterKey, newKeyOf, type StoredKey } from '../testing/stored-key.ts'

let server: TestServer
let kms: KMSClient
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
})
afterAll(() => server.close())

describe.each<[KeySpec, KeyUsageType]>([
  ['RSA_2048', 'ENCRYPT_DECRYPT'],
  ['ECC_NIST_P256', 'SIGN_VERIFY'],
  ['HMAC_256', 'GENERATE_VERIFY_MAC'],
  ['ML_KEM_768', 'ENCAPSULATE_DECAPSULATE'],
])('A key %s for %s', (spec, usage) => {
  let key: StoredKey
  beforeAll(async () => {
    key = await newKeyOf(kms, spec, usage)
  })

  it('does not rotate, and says so', async () => {
    const { KeyRotationEnabled, NextRotationDate } = await kms.send(
      new GetKeyRotationStatusCommand({ KeyId: key.id }),
    )
    expect([KeyRotationEnabled, NextRotationDate]).toEqual([false, undefined])
  })

  it('is refused by everything that rotates', async () => {
    const input = { KeyId: key.id }
    for (const call of [
      () => kms.send(new EnableKeyRotationCommand(input)),
      () => kms.send(new DisableKeyRotationCommand(input)),
      () => kms.send(new RotateKeyOnDemandCommand(input)),
      () => kms.send(new ListKeyRotationsCommand(input)),
    ]) {
      const { name, status } = await refusalOf(call())
      expect([name, status]).toEqual(['UnsupportedOperationException', 400])
    }
  })

  it('is told of its state first', async () => {
    const disabled = await newKeyOf(kms, spec, usage)
    await alterKey(server, disabled, { state: 'Disabled' })
    const refused = kms.send(new EnableKeyRotationCommand({ KeyId: disabled.id }))
    expect(await refusalOf(refused)).toEqual(
      refusal('DisabledException', `${disabled.arn} is disabled.`),
    )
  })
})
