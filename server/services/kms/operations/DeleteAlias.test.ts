// DeleteAlias as callers see it.
import {
  CreateAliasCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  EncryptCommand,
} from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { addOtherAccount } from '../../../testing/other-account.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { recordOf } from '../testing/recorded.ts'
import { serverWithKey } from '../testing/server-with-key.ts'
import { alterKey, newKey, POLICY_WITHOUT_DELEGATION } from '../testing/stored-key.ts'

const HOME = 'arn:aws:kms:us-east-1:111122223333'

const on = serverWithKey()

function create(AliasName: string, { id } = on.key) {
  return on.kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: id }))
}

function remove(AliasName: string, client = on.kms) {
  return client.send(new DeleteAliasCommand({ AliasName }))
}

function notFound(name: string) {
  return refusal('NotFoundException', `Alias ${HOME}:${name} is not found.`)
}

it('DeleteAlias answers with an empty body, and the name leads nowhere at once', async () => {
  await create('alias/app')
  const use = () =>
    on.kms.send(new EncryptCommand({ KeyId: 'alias/app', Plaintext: Buffer.from('x') }))
  await use()
  const answer = await sendSigned(on.server, 'DeleteAlias', '{"AliasName":"alias/app"}')
  expect([answer.status, answer.body]).toEqual([200, {}])
  expect(await refusalOf(use())).toEqual(notFound('alias/app'))
})

it('DeleteAlias leaves the key and its other aliases', async () => {
  await create('alias/one')
  await create('alias/two')
  await remove('alias/one')
  for (const KeyId of ['alias/two', on.key.id]) {
    expect((await on.kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.Arn).toBe(on.key.arn)
  }
})

it('DeleteAlias frees the name for another key', async () => {
  const other = await newKey(on.kms)
  await create('alias/again')
  await remove('alias/again')
  await create('alias/again', other)
  const { KeyMetadata } = await on.kms.send(new DescribeKeyCommand({ KeyId: 'alias/again' }))
  expect(KeyMetadata?.Arn).toBe(other.arn)
})

it('DeleteAlias refuses an alias that is not there, or not any more', async () => {
  await create('alias/gone')
  await remove('alias/gone')
  for (const name of ['alias/gone', 'alias/none', 'alias/', 'alias/a:b']) {
    expect(await refusalOf(remove(name))).toEqual(notFound(name))
  }
})

it('DeleteAlias succeeds once where it is asked for several times at once', async () => {
  await create('alias/race')
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => remove('alias/race')))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason.name).toBe('NotFoundException')
  }
})

it('DeleteAlias refuses names that no alias of a caller has', async () => {
  expect(await refusalOf(remove('app'))).toEqual(
    refusal(
      'ValidationException',
      'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    ),
  )
  expect(await refusalOf(remove('alias/aws/s3'))).toEqual(
    refusal(
      'KMSInvalidStateException',
      'The alias alias/aws/s3 is a AWS managed alias and cannot be deleted.',
    ),
  )
  const { body } = await sendSigned(on.server, 'DeleteAlias', '{}')
  expect(body.message).toContain("Value null at 'aliasName' failed to satisfy constraint")
  expect((await refusalOf(remove(''))).message).toContain('greater than or equal to 1')
  expect((await refusalOf(remove(`alias/${'n'.repeat(251)}`))).message).toContain('equal to 256')
  await create(`alias/${'n'.repeat(250)}`)
  await remove(`alias/${'n'.repeat(250)}`)
})

it.each(['Disabled', 'PendingDeletion'])('DeleteAlias takes a key that is %s', async (state) => {
  const other = await newKey(on.kms)
  await create('alias/of-state', other)
  await alterKey(on.server, other, { state })
  await remove('alias/of-state')
  expect(await refusalOf(remove('alias/of-state'))).toEqual(notFound('alias/of-state'))
})

it('DeleteAlias is denied where the key is not the account’s to decide on', async () => {
  const closed = await newKey(on.kms)
  await create('alias/closed', closed)
  await alterKey(on.server, closed, { policy: POLICY_WITHOUT_DELEGATION })
  expect((await refusalOf(remove('alias/closed'))).message).toContain(
    `is not authorized to perform: kms:DeleteAlias on resource: ${closed.arn}`,
  )
})

it('DeleteAlias reaches no alias of another account', async () => {
  const credentials = await addOtherAccount(on.server)
  await create('alias/ours')
  const told = await refusalOf(remove('alias/ours', on.server.kms({ credentials })))
  expect(told.name).toBe('NotFoundException')
  await remove('alias/ours')
})

it('DeleteAlias is recorded with the alias and the key that it had', async () => {
  await create('alias/recorded')
  expect(await recordOf(on.server, remove('alias/recorded'))).toMatchObject({
    eventName: 'DeleteAlias',
    readOnly: false,
    requestParameters: { aliasName: 'alias/recorded' },
    responseElements: { keyId: on.key.arn },
    resources: [{ ARN: `${HOME}:alias/recorded` }, { ARN: on.key.arn }],
  })
})
