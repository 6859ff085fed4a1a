// Every authenticated call, whatever became of it, is exactly one record; no other request is any.
// https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateRandomCommand,
  type KMSClient,
  ListKeysCommand,
} from '@aws-sdk/client-kms'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sendSigned } from '../../testing/signed-request.ts'
import { type TestServer, testServer } from '../../testing/test-server.ts'
import { FOREIGN, NO_KEY_ID, newKey, type StoredKey } from '../kms/testing/stored-key.ts'
import { recordedCalls, recordOf } from './testing/recorded.ts'
import { serverDialects } from './testing/server-dialects.ts'

const CONTEXT = { app: 'web', Note: 'Grüße "世界"' }

describe.each(serverDialects)('The record of a call on $name', ({ newDatabase }) => {
  let server: TestServer
  let kms: KMSClient
  let key: StoredKey
  let blob: Uint8Array | undefined
  let removeDatabase: () => Promise<void>
  beforeAll(async () => {
    const database = await newDatabase()
    removeDatabase = database.remove
    server = await testServer(database.options)
    kms = server.kms()
    key = await newKey(kms)
    blob = (await encrypt()).CiphertextBlob
  })
  afterAll(async () => {
    await server.close()
    await removeDatabase()
  })

  const encrypt = (input: object = {}) =>
    kms.send(
      new EncryptCommand({
        KeyId: key.id,
        Plaintext: Buffer.from('plain'),
        EncryptionContext: CONTEXT,
        ...input,
      }),
    )

  /** The request id of an answer, good or bad. */
  async function idOf(call: Promise<unknown>): Promise<string> {
    const { $metadata } = (await call.catch((error: unknown) => error)) as {
      $metadata: { requestId?: string }
    }
    return $metadata.requestId as string
  }

  /** What every record of this server and caller says. */
  const common = () => ({
    eventVersion: '1.11',
    userIdentity: {
      type: 'Root',
      principalId: '111122223333',
      arn: 'arn:aws:iam::111122223333:root',
      accountId: '111122223333',
      accessKeyId: server.credentials.accessKeyId,
    },
    eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    eventSource: 'kms.amazonaws.com',
    awsRegion: 'us-east-1',
    sourceIPAddress: '127.0.0.1',
    userAgent: expect.stringContaining('aws-sdk-js'),
    eventID: expect.stringMatching(/^[0-9a-f-]{36}$/),
    eventType: 'AwsApiCall',
    managementEvent: true,
    eventCategory: 'Management',
    recipientAccountId: '111122223333',
  })
  const resources = () => [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: key.arn }]
  const shownContext = { keyId: '', encryptionContext: CONTEXT }

  it('shows what was asked for and nothing of what was answered: Encrypt', async () => {
    const requestID = await idOf(encrypt({ EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' }))
    expect(await recordOf(server, requestID)).toEqual({
      ...common(),
      eventName: 'Encrypt',
      readOnly: true,
      requestParameters: {
        keyId: key.id,
        encryptionContext: CONTEXT,
        encryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      },
      responseElements: null,
      requestID,
      resources: resources(),
    })
  })

  it('leaves out the ciphertext: Decrypt', async () => {
    const input = { CiphertextBlob: blob, EncryptionContext: CONTEXT }
    const requestID = await idOf(kms.send(new DecryptCommand(input)))
    expect(await recordOf(server, requestID)).toEqual({
      ...common(),
      eventName: 'Decrypt',
      readOnly: true,
      requestParameters: { encryptionContext: CONTEXT },
      responseElements: null,
      requestID,
      resources: resources(),
    })
  })

  it('shows the size of a data key: GenerateDataKey', async () => {
    const input = { KeyId: key.arn, KeySpec: 'AES_256', EncryptionContext: CONTEXT } as const
    const requestID = await idOf(kms.send(new GenerateDataKeyCommand(input)))
    expect(await recordOf(server, requestID)).toMatchObject({
      eventName: 'GenerateDataKey',
      readOnly: true,
      requestParameters: { keyId: key.arn, keySpec: 'AES_256', encryptionContext: CONTEXT },
      responseElements: null,
      resources: resources(),
    })
  })

  it('shows the key that was made: CreateKey', async () => {
    const made = await kms.send(new CreateKeyCommand({ Description: 'of a record' }))
    const record = await recordOf(server, made.$metadata.requestId as string)
    expect(record).toMatchObject({
      ...common(),
      eventName: 'CreateKey',
      readOnly: false,
      requestParameters: { description: 'of a record' },
      responseElements: {
        keyMetadata: {
          keyId: made.KeyMetadata?.KeyId,
          arn: made.KeyMetadata?.Arn,
          keyState: 'Enabled',
          enabled: true,
          description: 'of a record',
        },
      },
      resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: made.KeyMetadata?.Arn }],
    })
  })

  it('is there for a change and for a call without parameters', async () => {
    const other = await newKey(kms)
    const disabled = await idOf(kms.send(new DisableKeyCommand({ KeyId: other.id })))
    expect(await recordOf(server, disabled)).toMatchObject({
      eventName: 'DisableKey',
      readOnly: false,
      requestParameters: { keyId: other.id },
      // Such operations answer nothing, but the record names the key by its ARN.
      responseElements: { keyId: other.arn },
      resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: other.arn }],
    })
    const listed = await recordOf(server, await idOf(kms.send(new ListKeysCommand())))
    expect(listed).toMatchObject({ eventName: 'ListKeys', requestParameters: null })
    expect(listed).not.toHaveProperty('resources')
    const random = await idOf(kms.send(new GenerateRandomCommand({ NumberOfBytes: 9 })))
    expect(await recordOf(server, random)).toMatchObject({
      eventName: 'GenerateRandom',
      requestParameters: { numberOfBytes: 9 },
      responseElements: null,
    })
  })

  it('names the service that was called, and its Region', async () => {
    const identity = await idOf(
      server.sts({ region: 'eu-west-1' }).send(new GetCallerIdentityCommand()),
    )
    expect(await recordOf(server, identity)).toMatchObject({
      eventSource: 'sts.amazonaws.com',
      eventName: 'GetCallerIdentity',
      awsRegion: 'eu-west-1',
      readOnly: true,
      requestParameters: null,
      responseElements: null,
    })
  })

  it.each<[string, () => Promise<unknown>, object]>([
    [
      'input that is not valid',
      () => encrypt({ Plaintext: Buffer.of() }),
      {
        errorCode: 'ValidationException',
        errorMessage: expect.stringMatching(/^1 validation error detected: Value at 'plaintext'/),
        requestParameters: null,
      },
    ],
    [
      'a key of another account',
      () => encrypt({ KeyId: FOREIGN }),
      {
        errorCode: 'AccessDenied',
        errorMessage: expect.stringMatching(/is not authorized to perform: kms:Encrypt/),
        requestParameters: { ...shownContext, keyId: FOREIGN },
      },
    ],
    [
      'a key that is not there',
      () => encrypt({ KeyId: NO_KEY_ID }),
      {
        errorCode: 'NotFoundException',
        errorMessage: `Key 'arn:aws:kms:us-east-1:111122223333:key/${NO_KEY_ID}' does not exist`,
        requestParameters: { ...shownContext, keyId: NO_KEY_ID },
      },
    ],
    [
      'a dry run',
      () => encrypt({ DryRun: true }),
      {
        errorCode: 'DryRunOperationException',
        errorMessage: 'The request would have succeeded, but the DryRun option is set.',
        requestParameters: expect.objectContaining({ dryRun: true }),
      },
    ],
    [
      'another context',
      () => kms.send(new DecryptCommand({ CiphertextBlob: blob })),
      { errorCode: 'InvalidCiphertextException', requestParameters: null },
    ],
    [
      'a change that is refused',
      () => kms.send(new CreateKeyCommand({ KeySpec: 'SM2', KeyUsage: 'SIGN_VERIFY' })),
      {
        eventName: 'CreateKey',
        readOnly: false,
        errorCode: 'UnsupportedOperationException',
        requestParameters: { keySpec: 'SM2', keyUsage: 'SIGN_VERIFY' },
      },
    ],
  ])('is one that tells the refusal: %s', async (_what, call, expected) => {
    const record = await recordOf(server, await idOf(call()))
    expect(record).toMatchObject({ ...expected, responseElements: null })
  })

  it('is one that tells the refusal: a disabled key', async () => {
    const disabled = await newKey(kms)
    await kms.send(new DisableKeyCommand({ KeyId: disabled.id }))
    expect(await recordOf(server, await idOf(encrypt({ KeyId: disabled.id })))).toMatchObject({
      errorCode: 'DisabledException',
      errorMessage: `${disabled.arn} is disabled.`,
      resources: [{ accountId: '111122223333', type: 'AWS::KMS::Key', ARN: disabled.arn }],
    })
  })

  it.each(['{', '[]', '{"KeyId":1}', '\u{0}'])('is one for the body %j', async (body) => {
    const { requestId } = await sendSigned(server, 'Encrypt', body)
    expect(await recordOf(server, requestId)).toMatchObject({
      eventName: 'Encrypt',
      errorCode: 'SerializationException',
      requestParameters: null,
      responseElements: null,
    })
  })

  it('holds what callers wrote as text, whatever it looks like', async () => {
    const nasty = { '"},"eventID":"x': '\n{"batch":{}}\n', eventID: NO_KEY_ID, __proto__: 'p' }
    const description = '"}}\n{"opening":{}}\u2028\u0001'
    const made = await kms.send(new CreateKeyCommand({ Description: description }))
    const sealed = await idOf(encrypt({ EncryptionContext: nasty }))
    expect(await recordOf(server, made.$metadata.requestId as string)).toMatchObject({
      requestParameters: { description },
    })
    expect((await recordOf(server, sealed)).requestParameters).toMatchObject({
      encryptionContext: { eventID: NO_KEY_ID, '"},"eventID":"x': '\n{"batch":{}}\n' },
    })
  })

  it('is none where nobody knows who asked', async () => {
    const { accessKeyId, secretAccessKey } = server.credentials
    const before = await recordedCalls(server)
    const refused = [
      server.kms({ credentials: { accessKeyId, secretAccessKey: `${secretAccessKey}x` } }),
      server.kms({ credentials: { accessKeyId: 'AKIANOBODYKNOWSTHIS1', secretAccessKey } }),
      server.kms({ region: 'mars-north-1' }),
    ].map((client) => idOf(client.send(new DescribeKeyCommand({ KeyId: key.id }))))
    for (const requestId of await Promise.all(refused)) expect(requestId).toBeTruthy()
    await fetch(server.endpoint, { method: 'POST', body: '{}' })
    await fetch(`${server.endpoint}/health`)
    expect((await recordedCalls(server)).length).toBe(before.length)
  })

  it('is one for each of many calls at once, each with an id of its own', async () => {
    const calls = Array.from({ length: 200 }, (_, index) =>
      index % 4 === 0 ? kms.send(new CreateKeyCommand()) : encrypt(),
    )
    const ids = new Set(await Promise.all(calls.map(idOf)))
    expect(ids.size).toBe(200)
    const records = await recordedCalls(server)
    expect(records.filter(({ requestID }) => ids.has(requestID as string))).toHaveLength(200)
    expect(new Set(records.map(({ eventID }) => eventID)).size).toBe(records.length)
  })
})
