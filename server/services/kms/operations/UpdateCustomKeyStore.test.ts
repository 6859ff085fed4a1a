// UpdateCustomKeyStore as callers see it.
import { UpdateCustomKeyStoreCommand } from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { sendSigned } from '../../../testing/signed-request.ts'
import { missingKeyStore, NO_KEY_STORE } from '../testing/missing-key-store.ts'
import { recordOf } from '../testing/recorded.ts'

const PASSWORD = 'kmsuser-password'
const update = { CustomKeyStoreId: NO_KEY_STORE, KeyStorePassword: PASSWORD }

const { server } = missingKeyStore('UpdateCustomKeyStore', (kms) =>
  kms.send(new UpdateCustomKeyStoreCommand(update)),
)

it('UpdateCustomKeyStore checks what it is told, and repeats no password', async () => {
  const body = {
    CustomKeyStoreId: NO_KEY_STORE,
    KeyStorePassword: 'short',
    XksProxyUriEndpoint: 'ftp://proxy',
  }
  const answer = await sendSigned(server(), 'UpdateCustomKeyStore', JSON.stringify(body))
  expect(answer.body.message).toMatch(/^2 validation errors detected: /)
  expect(answer.body.message).toContain("Value at 'keyStorePassword' failed to satisfy constraint")
  expect(answer.body.message).not.toContain('short')
})

it('UpdateCustomKeyStore records no password', async () => {
  const answer = server().kms().send(new UpdateCustomKeyStoreCommand(update))
  expect(JSON.stringify(await recordOf(server(), answer))).not.toContain(PASSWORD)
})
