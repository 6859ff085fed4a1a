// UpdateAlias as callers see it.
import {
  CreateAliasCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  type KMSClient,
  ListAliasesCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'
import { recordOf } from '../testing/recorded.ts'
import {
  alterKey,
  NO_KEY_ID,
  newKey,
  POLICY_WITHOUT_DELEGATION,
  type StoredKey,
} from '../testing/stored-key.ts'

const HOME = 'arn:aws:kms:us-east-1:111122223333'
const ALIAS = 'alias/moving'

let server: TestServer
let kms: KMSClient
let first: StoredKey
let second: StoredKey
beforeAll(async () => {
  server = await testServer()
  kms = server.kms()
  first = await newKey(kms)
  second = await newKey(kms)
  await create(ALIAS, first)
})
afterAll(() => server.close())

function create(AliasName: string, { id }: StoredKey) {
  return kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: id }))
}

function update(AliasName: string, TargetKeyId: string) {
  return kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId }))
}

async function keyOf(alias: string): Promise<string | undefined> {
  return (await kms.send(new DescribeKeyCommand({ KeyId: alias }))).KeyMetadata?.Arn
}

async function listed(alias: string) {
  const { Aliases } = await kms.send(new ListAliasesCommand({ Limit: 100 }))
  return Aliases?.find(({ AliasName }) => AliasName === alias)
}

it('UpdateAlias answers with an empty body', async () => {
  const body = `{"AliasName":"${ALIAS}","TargetKeyId":"${first.id}"}`
  const answer = await sendSigned(server, 'UpdateAlias', body)
  expect([answer.status, answer.body]).toEqual([200, {}])
})

it('UpdateAlias lets the name stand for another key at once', async () => {
  for (const key of [second, first, second]) {
    await update(ALIAS, key.id)
    const { KeyId } = await kms.send(
      new EncryptCommand({ KeyId: ALIAS, Plaintext: Buffer.from('x') }),
    )
    expect([KeyId, await keyOf(ALIAS)]).toEqual([key.arn, key.arn])
  }
})

it('UpdateAlias leaves what the old key encrypted to the old key', async () => {
  await update(ALIAS, first.arn)
  const { CiphertextBlob } = await kms.send(
    new EncryptCommand({ KeyId: ALIAS, Plaintext: Buffer.from('x') }),
  )
  await update(ALIAS, second.arn)
  expect((await kms.send(new DecryptCommand({ CiphertextBlob }))).KeyId).toBe(first.arn)
  const told = await refusalOf(kms.send(new DecryptCommand({ CiphertextBlob, KeyId: ALIAS })))
  expect(told.name).toBe('IncorrectKeyException')
})

it('UpdateAlias keeps the date of creation and moves that of the last update', async () => {
  await create('alias/dated', first)
  const before = await listed('alias/dated')
  expect(before?.LastUpdatedDate).toEqual(before?.CreationDate)
  await update('alias/dated', second.id)
  const after = await listed('alias/dated')
  expect(after?.CreationDate).toEqual(before?.CreationDate)
  expect(after?.LastUpdatedDate?.getTime()).toBeGreaterThan(before?.CreationDate?.getTime() ?? 0)
})

it('UpdateAlias to the key that it has already succeeds', async () => {
  await update(ALIAS, first.id)
  await update(ALIAS, first.id)
  expect(await keyOf(ALIAS)).toBe(first.arn)
})

it('UpdateAlias ends with one of the keys where several are asked for at once', async () => {
  await Promise.all(
    Array.from({ length: 10 }, (_, index) => update(ALIAS, index % 2 ? first.id : second.id)),
  )
  expect([first.arn, second.arn]).toContain(await keyOf(ALIAS))
})

it('UpdateAlias refuses an alias that is not there', async () => {
  for (const name of ['alias/none', 'alias/', 'alias/no:ne']) {
    expect(await refusalOf(update(name, first.id))).toEqual(
      refusal('NotFoundException', `Alias ${HOME}:${name} is not found.`),
    )
  }
})

it('UpdateAlias refuses names that no alias of a caller has', async () => {
  expect(await refusalOf(update('moving', first.id))).toEqual(
    refusal(
      'ValidationException',
      'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    ),
  )
  expect((await refusalOf(update('alias/aws/s3', first.id))).name).toBe('NotAuthorizedException')
  expect((await refusalOf(update('', first.id))).message).toContain(
    "Value '' at 'aliasName' failed to satisfy constraint: Member must have length greater than or equal to 1",
  )
  expect((await refusalOf(update(`alias/${'n'.repeat(251)}`, first.id))).message).toContain(
    'Member must have length less than or equal to 256',
  )
  expect((await refusalOf(update('alias/a.b', first.id))).message).toContain(
    'Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$',
  )
})

it('UpdateAlias refuses a target that is no key, and leaves the alias as it was', async () => {
  await update(ALIAS, first.id)
  expect(await refusalOf(update(ALIAS, NO_KEY_ID))).toEqual(
    refusal('NotFoundException', `Key '${HOME}:key/${NO_KEY_ID}' does not exist`),
  )
  expect(await refusalOf(update(ALIAS, 'no-key'))).toEqual(
    refusal('NotFoundException', "Invalid keyId 'no-key'"),
  )
  expect(await refusalOf(update(ALIAS, ALIAS))).toEqual(
    refusal('ValidationException', 'Aliases must refer to keys. Not aliases'),
  )
  expect(await keyOf(ALIAS)).toBe(first.arn)
})

it('UpdateAlias takes keys that are disabled, and refuses a target pending deletion', async () => {
  const [disabled, pending] = [await newKey(kms), await newKey(kms)]
  await kms.send(new DisableKeyCommand({ KeyId: disabled.id }))
  await update(ALIAS, disabled.id)
  await alterKey(server, pending, { state: 'PendingDeletion' })
  expect(await refusalOf(update(ALIAS, pending.id))).toEqual(
    refusal('KMSInvalidStateException', `${pending.arn} is pending deletion.`),
  )
  // The key that the alias leaves may be pending deletion.
  await alterKey(server, disabled, { state: 'PendingDeletion' })
  await update(ALIAS, first.id)
  expect(await keyOf(ALIAS)).toBe(first.arn)
})

it('UpdateAlias refuses to bring a key beyond 50 aliases', async () => {
  const full = await newKey(kms)
  await Promise.all(Array.from({ length: 50 }, (_, index) => create(`alias/full/${index}`, full)))
  expect(await refusalOf(update(ALIAS, full.id))).toEqual(
    refusal(
      'LimitExceededException',
      'Aliases per key quota for this account in this region is 50, current usage is 50.',
    ),
  )
  expect(await keyOf(ALIAS)).toBe(first.arn)
  await update('alias/full/0', full.id)
  await update('alias/full/0', first.id)
  await update(ALIAS, full.id)
  await update(ALIAS, first.id)
})

it('UpdateAlias is denied where either key is not the account’s to decide on', async () => {
  const [closed, open] = [await newKey(kms), await newKey(kms)]
  await create('alias/of-closed', closed)
  await alterKey(server, closed, { policy: POLICY_WITHOUT_DELEGATION })
  const denied = `is not authorized to perform: kms:UpdateAlias on resource: ${closed.arn}`
  expect((await refusalOf(update('alias/of-closed', open.id))).message).toContain(denied)
  expect((await refusalOf(update(ALIAS, closed.id))).message).toContain(denied)
  const foreign = `arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:key/${NO_KEY_ID}`
  expect((await refusalOf(update(ALIAS, foreign))).name).toBe('AccessDeniedException')
})

it('UpdateAlias is recorded with what was asked for, the alias and its new key', async () => {
  expect(await recordOf(server, update(ALIAS, second.id))).toMatchObject({
    eventName: 'UpdateAlias',
    readOnly: false,
    requestParameters: { aliasName: ALIAS, targetKeyId: second.id },
    responseElements: { keyId: second.arn },
    resources: [{ ARN: `${HOME}:${ALIAS}` }, { ARN: second.arn }],
  })
  expect(await recordOf(server, update('alias/none', second.id))).toMatchObject({
    errorCode: 'NotFoundException',
    responseElements: null,
  })
})
