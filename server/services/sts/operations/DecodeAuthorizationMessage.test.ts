// DecodeAuthorizationMessage: what was sealed for an account, read by those who may.
import { join } from 'node:path'
import { DecodeAuthorizationMessageCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Identities } from '../../../contract/ports.ts'
import { readRootKeyFile } from '../../../seal/file-seal.ts'
import { addOtherAccount, OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { openIdentities } from '../../iam/identities.ts'
import { peopleOf } from '../testing/people.ts'

let server: TestServer
let identities: Identities
beforeAll(async () => {
  server = await testServer()
  const root = readRootKeyFile(join(server.directory, 'root.key'))
  identities = await openIdentities(server.storage, root)
})
afterAll(() => server.close())

const decode = (EncodedMessage: string, sts = server.sts()) =>
  sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage }))

it('DecodeAuthorizationMessage tells what was sealed for the account', async () => {
  const message = '{"allowed":false,"explicitDeny":true}'
  const encoded = identities.encodeMessage('111122223333', message)
  expect(Buffer.from(encoded, 'base64url').toString('latin1')).not.toContain('explicitDeny')
  expect((await decode(encoded)).DecodedMessage).toBe(message)
})

it('DecodeAuthorizationMessage refuses messages of other accounts, and what is none', async () => {
  const encoded = identities.encodeMessage('111122223333', 'secret')
  const other = server.sts({ credentials: await addOtherAccount(server) })
  const invalid = { name: 'InvalidAuthorizationMessageException', message: 'Message is not valid' }
  expect(await refusalOf(decode(encoded, other))).toMatchObject(invalid)
  expect(await refusalOf(decode(identities.encodeMessage(OTHER_ACCOUNT, 'x')))).toMatchObject(
    invalid,
  )
  for (const text of ['x', 'A'.repeat(200), `${encoded.slice(0, -2)}AA`]) {
    expect(await refusalOf(decode(text))).toMatchObject(invalid)
  }
})

it('DecodeAuthorizationMessage needs its permission', async () => {
  const bob = await peopleOf(server).user('bob')
  const encoded = identities.encodeMessage('111122223333', 'secret')
  expect(await refusalOf(decode(encoded, bob.sts))).toMatchObject({ name: 'AccessDenied' })
})
