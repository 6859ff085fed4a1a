// CreateAlias as callers see it.
import {
  CreateAliasCommand,
  type CreateAliasCommandInput,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  ListAliasesCommand,
} from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { addOtherAccount, OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import { invalid, refusal, refusalOf } from '../../../testing/refusal.ts'
import { sendSigned } from '../../../testing/signed-request.ts'
import { recordOf } from '../testing/recorded.ts'
import { serverWithKey } from '../testing/server-with-key.ts'
import {
  alterKey,
  FOREIGN,
  NO_KEY_ID,
  newKey,
  POLICY_WITHOUT_DELEGATION,
} from '../testing/stored-key.ts'

const HOME = 'arn:aws:kms:us-east-1:111122223333'
const PATTERN = 'Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$'

const on = serverWithKey()

function create(AliasName: string, TargetKeyId = on.key.id, client = on.kms) {
  return client.send(new CreateAliasCommand({ AliasName, TargetKeyId }))
}

async function keyOf(alias: string, client = on.kms): Promise<string | undefined> {
  return (await client.send(new DescribeKeyCommand({ KeyId: alias }))).KeyMetadata?.Arn
}

it('CreateAlias answers with an empty body and gives the key a name', async () => {
  const body = `{"AliasName":"alias/app","TargetKeyId":"${on.key.id}"}`
  const answer = await sendSigned(on.server, 'CreateAlias', body)
  expect([answer.status, answer.body]).toEqual([200, {}])
  expect(await keyOf('alias/app')).toBe(on.key.arn)
})

it('CreateAlias takes the ARN of a key, and keeps the id of it', async () => {
  await create('alias/by-arn', on.key.arn)
  const { Aliases } = await on.kms.send(new ListAliasesCommand({ KeyId: on.key.id }))
  const alias = Aliases?.find(({ AliasName }) => AliasName === 'alias/by-arn')
  expect(alias?.TargetKeyId).toBe(on.key.id)
})

it.each([
  'alias/a',
  `alias/${'n'.repeat(250)}`,
  'alias/deep/er/still',
  'alias/my-alias_/',
  'alias/UPPER_and-lower/09',
  'alias/aws',
  'alias/awesome',
])('CreateAlias takes the name %s', async (name) => {
  const other = await newKey(on.kms)
  await create(name, other.id)
  expect(await keyOf(name)).toBe(other.arn)
})

it('CreateAlias takes names that differ in case only as two', async () => {
  const other = await newKey(on.kms)
  await create('alias/Case')
  await create('alias/case', other.id)
  expect([await keyOf('alias/Case'), await keyOf('alias/case')]).toEqual([on.key.arn, other.arn])
})

it('CreateAlias refuses a name without the prefix', async () => {
  for (const name of ['app', 'Alias/app', 'alias', '/alias/app', NO_KEY_ID]) {
    expect(await refusalOf(create(name))).toEqual(
      refusal(
        'ValidationException',
        'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
      ),
    )
  }
})

it('CreateAlias refuses the prefix alone', async () => {
  expect(await refusalOf(create('alias/'))).toEqual(
    refusal('InvalidAliasNameException', "Invalid alias name 'alias/'"),
  )
})

it.each(['alias/aws/s3', 'alias/aws/'])(
  'CreateAlias refuses the reserved name %s',
  async (name) => {
    const told = await refusalOf(create(name))
    expect([told.name, told.status]).toEqual(['NotAuthorizedException', 400])
  },
)

it('CreateAlias refuses a colon by name', async () => {
  expect(await refusalOf(create('alias/my:alias'))).toEqual(
    refusal('ValidationException', 'alias/my:alias contains invalid characters for an alias'),
  )
})

it.each([
  ['', 'Member must have length greater than or equal to 1'],
  [`alias/${'n'.repeat(251)}`, 'Member must have length less than or equal to 256'],
  ['alias/a b', PATTERN],
  ['alias/a.b', PATTERN],
  ['alias/é', PATTERN],
  ['alias/a\n', PATTERN],
  ['alias/a\0', PATTERN],
])('CreateAlias refuses a name beyond the limits (%#)', async (name, sentence) => {
  expect(await refusalOf(create(name))).toEqual(
    invalid(`Value '${name}' at 'aliasName' failed to satisfy constraint: ${sentence}`),
  )
})

it('CreateAlias asks for both of its members at once', async () => {
  const answer = await sendSigned(on.server, 'CreateAlias', '{}')
  expect(answer.body).toMatchObject({
    __type: 'ValidationException',
    message:
      "2 validation errors detected: Value null at 'aliasName' failed to satisfy constraint: Member must not be null; Value null at 'targetKeyId' failed to satisfy constraint: Member must not be null",
  })
  const tooLong = await refusalOf(create('alias/x', 'k'.repeat(2049)))
  expect(tooLong.message).toContain("at 'targetKeyId' failed to satisfy constraint")
})

it('CreateAlias refuses a name that is taken, whichever key has it', async () => {
  const other = await newKey(on.kms)
  await create('alias/taken')
  const expected = refusal(
    'AlreadyExistsException',
    `An alias with the name ${HOME}:alias/taken already exists`,
  )
  expect(await refusalOf(create('alias/taken'))).toEqual(expected)
  expect(await refusalOf(create('alias/taken', other.id))).toEqual(expected)
  expect(await keyOf('alias/taken')).toBe(on.key.arn)
})

it('CreateAlias makes one alias where several of its name are asked for at once', async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => create('alias/race')))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason.name).toBe('AlreadyExistsException')
  }
})

it('CreateAlias refuses an alias as the target, whether there is one or not', async () => {
  await create('alias/first')
  for (const target of [
    'alias/first',
    'alias/none',
    `${HOME}:alias/first`,
    `arn:aws:kms:us-east-1:${OTHER_ACCOUNT}:alias/theirs`,
  ]) {
    expect(await refusalOf(create('alias/second', target))).toEqual(
      refusal('ValidationException', 'Aliases must refer to keys. Not aliases'),
    )
  }
})

it('CreateAlias refuses a target that is not there', async () => {
  const told = (target: string) => refusalOf(create('alias/nothing', target))
  const notFound = (message: string) => refusal('NotFoundException', message)
  expect(await told(NO_KEY_ID)).toEqual(notFound(`Key '${HOME}:key/${NO_KEY_ID}' does not exist`))
  expect(await told('no-key')).toEqual(notFound("Invalid keyId 'no-key'"))
  expect(await told('arn:aws:s3:::bucket')).toEqual(notFound("Invalid keyId 'arn:aws:s3:::bucket'"))
  expect(await told(on.key.arn.replace('us-east-1', 'eu-west-1'))).toEqual(
    notFound('Invalid arn eu-west-1'),
  )
})

it('CreateAlias gives a key 50 aliases and no more', async () => {
  const busy = await newKey(on.kms)
  await Promise.all(Array.from({ length: 49 }, (_, index) => create(`alias/b/${index}`, busy.id)))
  await create('alias/b/49', busy.id)
  const expected = refusal(
    'LimitExceededException',
    'Aliases per key quota for this account in this region is 50, current usage is 50.',
  )
  expect(await refusalOf(create('alias/b/50', busy.id))).toEqual(expected)
  expect((await refusalOf(on.kms.send(new DescribeKeyCommand({ KeyId: 'alias/b/50' })))).name).toBe(
    'NotFoundException',
  )
  // The quota is the key's: another has room, and one that is freed can be used again.
  await create('alias/b/50')
  await on.kms.send(new DeleteAliasCommand({ AliasName: 'alias/b/0' }))
  await create('alias/b/0', busy.id)
})

it('CreateAlias takes a disabled key and refuses one that is pending deletion', async () => {
  const disabled = await newKey(on.kms)
  await on.kms.send(new DisableKeyCommand({ KeyId: disabled.id }))
  await create('alias/disabled', disabled.id)
  const pending = await newKey(on.kms)
  await alterKey(on.server, pending, { state: 'PendingDeletion' })
  expect(await refusalOf(create('alias/pending', pending.id))).toEqual(
    refusal('KMSInvalidStateException', `${pending.arn} is pending deletion.`),
  )
})

it('CreateAlias is denied where the key is not the account’s to decide on', async () => {
  const closed = await newKey(on.kms)
  await alterKey(on.server, closed, { policy: POLICY_WITHOUT_DELEGATION })
  expect((await refusalOf(create('alias/closed', closed.id))).message).toContain(
    `is not authorized to perform: kms:CreateAlias on resource: ${closed.arn}`,
  )
  expect((await refusalOf(create('alias/app', closed.id))).name).toBe('AccessDeniedException')
  const foreign = FOREIGN
  expect((await refusalOf(create('alias/foreign', foreign))).name).toBe('AccessDeniedException')
})

it('CreateAlias checks validity, then permission, then existence, then state, then the name', async () => {
  const told = async (input: CreateAliasCommandInput) =>
    (await refusalOf(on.kms.send(new CreateAliasCommand(input)))).name
  const pending = await newKey(on.kms)
  await alterKey(on.server, pending, { state: 'PendingDeletion' })
  const foreign = FOREIGN
  await create('alias/order')
  expect(await told({ AliasName: 'alias/a b', TargetKeyId: foreign })).toBe('ValidationException')
  expect(await told({ AliasName: 'order', TargetKeyId: foreign })).toBe('ValidationException')
  expect(await told({ AliasName: 'alias/order', TargetKeyId: foreign })).toBe(
    'AccessDeniedException',
  )
  expect(await told({ AliasName: 'alias/order', TargetKeyId: NO_KEY_ID })).toBe('NotFoundException')
  expect(await told({ AliasName: 'alias/order', TargetKeyId: pending.id })).toBe(
    'KMSInvalidStateException',
  )
  expect(await told({ AliasName: 'alias/order', TargetKeyId: on.key.id })).toBe(
    'AlreadyExistsException',
  )
})

it('CreateAlias makes a name of one account and Region', async () => {
  const credentials = await addOtherAccount(on.server)
  const others = on.server.kms({ credentials })
  const elsewhere = on.server.kms({ region: 'eu-west-1' })
  const [theirs, european] = [await newKey(others), await newKey(elsewhere)]
  await create('alias/shared')
  await create('alias/shared', theirs.id, others)
  await create('alias/shared', european.id, elsewhere)
  expect(await keyOf('alias/shared')).toBe(on.key.arn)
  expect(await keyOf('alias/shared', others)).toBe(theirs.arn)
  expect(await keyOf('alias/shared', elsewhere)).toBe(european.arn)
})

it('CreateAlias is recorded with what was asked for, the key and the alias', async () => {
  const record = await recordOf(on.server, create('alias/recorded'))
  expect(record).toMatchObject({
    eventName: 'CreateAlias',
    readOnly: false,
    requestParameters: { aliasName: 'alias/recorded', targetKeyId: on.key.id },
    responseElements: { keyId: on.key.arn },
    resources: [
      { accountId: '111122223333', type: 'AWS::KMS::Key', ARN: on.key.arn },
      { accountId: '111122223333', type: 'AWS::KMS::Key', ARN: `${HOME}:alias/recorded` },
    ],
  })
  expect(await recordOf(on.server, create('alias/recorded'))).toMatchObject({
    errorCode: 'AlreadyExistsException',
    requestParameters: { aliasName: 'alias/recorded', targetKeyId: on.key.id },
    responseElements: null,
  })
})
