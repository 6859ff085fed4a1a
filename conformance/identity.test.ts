// Who may do what, as people set it up with official clients: IAM and STS of the SDK, and the AWS CLI.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import {
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam'
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  type KMSClient,
  ListKeysCommand,
} from '@aws-sdk/client-kms'
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newDirectory, type Running, startServer } from './server-program.ts'

const AWS = '/usr/bin/aws'
const hasCli = existsSync(AWS)
if (!hasCli) {
  process.stderr.write(`\n${AWS} is not installed (apt-get install awscli): it is SKIPPED\n`)
}

type Signing = { accessKeyId: string; secretAccessKey: string; sessionToken?: string }

const directory = newDirectory()
let server: Running
let iam: IAMClient
let key: string
let CiphertextBlob: Uint8Array
beforeAll(async () => {
  server = await startServer(directory.path)
  iam = new IAMClient(config(server.credentials))
  const kms = server.kms()
  key = (await kms.send(new CreateKeyCommand())).KeyMetadata?.Arn as string
  const encrypted = await kms.send(new EncryptCommand({ KeyId: key, Plaintext: Buffer.from('it') }))
  CiphertextBlob = encrypted.CiphertextBlob as Uint8Array
})
afterAll(async () => {
  iam?.destroy()
  await server?.stop()
  directory.remove()
})

const config = ({ accessKeyId, secretAccessKey, sessionToken }: Signing) => ({
  endpoint: server.endpoint,
  region: server.credentials.region,
  credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
  maxAttempts: 1,
})
const arnOf = (what: string) => `arn:aws:iam::${server.credentials.accountId}:${what}`
const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const allowing = (...Action: string[]) => document({ Effect: 'Allow', Action, Resource: '*' })

/** A new user and an access key; with a policy that allows these actions, if any. */
async function newUser(UserName: string, ...actions: string[]): Promise<Signing> {
  await iam.send(new CreateUserCommand({ UserName }))
  if (actions.length > 0) await allowUser(UserName, allowing(...actions))
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
  return {
    accessKeyId: AccessKey?.AccessKeyId as string,
    secretAccessKey: AccessKey?.SecretAccessKey as string,
  }
}

function allowUser(UserName: string, PolicyDocument: string) {
  return iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument }))
}

/** What becomes of calls of KMS: `allowed`, or the error's code. */
const CALLS: Record<string, (kms: KMSClient) => Promise<unknown>> = {
  'kms:Encrypt': (kms) =>
    kms.send(new EncryptCommand({ KeyId: key, Plaintext: Buffer.from('it') })),
  'kms:Decrypt': (kms) => kms.send(new DecryptCommand({ CiphertextBlob })),
  'kms:GenerateDataKey': (kms) =>
    kms.send(new GenerateDataKeyCommand({ KeyId: key, KeySpec: 'AES_256' })),
  'kms:DescribeKey': (kms) => kms.send(new DescribeKeyCommand({ KeyId: key })),
  'kms:ListKeys': (kms) => kms.send(new ListKeysCommand()),
  'kms:CreateKey': (kms) => kms.send(new CreateKeyCommand()),
}
const outcome = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'allowed',
    ({ name }: Error) => name,
  )
async function outcomes(signing: Signing): Promise<Record<string, string>> {
  const kms = server.kms(config(signing))
  const all: Record<string, string> = {}
  for (const [action, call] of Object.entries(CALLS)) all[action] = await outcome(call(kms))
  return all
}

const REFUSED = 'AccessDeniedException'
/** These are allowed, and every other call is refused. */
const only = (...allowed: string[]) =>
  Object.fromEntries(
    Object.keys(CALLS).map((action) => [action, allowed.includes(action) ? 'allowed' : REFUSED]),
  )

async function aws(signing: Signing, ...args: string[]) {
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: directory.path,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '1',
    AWS_DEFAULT_REGION: server.credentials.region,
    AWS_ACCESS_KEY_ID: signing.accessKeyId,
    AWS_SECRET_ACCESS_KEY: signing.secretAccessKey,
  }
  const command = ['--endpoint-url', server.endpoint, '--output', 'json', ...args]
  return promisify(execFile)(AWS, command, { env })
}

describe('A user without permissions', () => {
  let nobody: Signing
  beforeAll(async () => {
    nobody = await newUser('nobody')
  })

  it('is refused everything but to learn who it is', async () => {
    expect(await outcomes(nobody)).toEqual(only())
    const own = new IAMClient(config(nobody))
    expect(await outcome(own.send(new CreateUserCommand({ UserName: 'more' })))).toBe(
      'AccessDenied',
    )
    const mine = { UserName: 'nobody', PolicyName: 'p', PolicyDocument: allowing('*') }
    expect(await outcome(own.send(new PutUserPolicyCommand(mine)))).toBe('AccessDenied')
    const sts = new STSClient(config(nobody))
    const RoleArn = arnOf('role/none')
    const assumed = sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'mine' }))
    expect(await outcome(assumed)).toBe('AccessDenied')
    expect((await sts.send(new GetCallerIdentityCommand())).Arn).toBe(arnOf('user/nobody'))
  })

  it.skipIf(!hasCli)('reads in the AWS CLI why', async () => {
    const { stderr } = await aws(nobody, 'kms', 'describe-key', '--key-id', key).catch(
      (error) => error as { stderr: string },
    )
    expect(stderr).toContain('(AccessDeniedException) when calling the DescribeKey operation')
    expect(stderr.trim()).toMatch(
      new RegExp(
        `User: ${arnOf('user/nobody')} is not authorized to perform: kms:DescribeKey on resource: ${key} because no identity-based policy allows the kms:DescribeKey action$`,
      ),
    )
  })
})

it('A role assumed with a session policy can do exactly what both allow', async () => {
  const caller = await newUser('caller')
  const trust = { Effect: 'Allow', Principal: { AWS: arnOf('user/caller') } }
  const RoleName = 'worker'
  await iam.send(
    new CreateRoleCommand({
      RoleName,
      AssumeRolePolicyDocument: document({ ...trust, Action: 'sts:AssumeRole' }),
    }),
  )
  const ofRole = ['kms:Encrypt', 'kms:Decrypt', 'kms:ListKeys']
  await iam.send(
    new PutRolePolicyCommand({
      RoleName,
      PolicyName: 'p',
      PolicyDocument: allowing(...ofRole),
    }),
  )
  const sts = new STSClient(config(caller))
  const assume = async (Policy?: string): Promise<Signing> => {
    const input = { RoleArn: arnOf('role/worker'), RoleSessionName: 'at-work' }
    const answer = await sts.send(new AssumeRoleCommand({ ...input, ...(Policy && { Policy }) }))
    const { AccessKeyId, SecretAccessKey, SessionToken } = answer.Credentials ?? {}
    return {
      accessKeyId: AccessKeyId as string,
      secretAccessKey: SecretAccessKey as string,
      sessionToken: SessionToken as string,
    }
  }
  expect(await outcomes(await assume())).toEqual(only(...ofRole))
  const ofSession = allowing('kms:Decrypt', 'kms:ListKeys', 'kms:DescribeKey')
  expect(await outcomes(await assume(ofSession))).toEqual(only('kms:Decrypt', 'kms:ListKeys'))
  expect(await outcomes(await assume(allowing('s3:*')))).toEqual(only())
  // The role gave the caller itself nothing.
  expect(await outcomes(caller)).toEqual(only())
})

it('A permissions boundary limits what policies allow, and allows nothing', async () => {
  const UserName = 'bounded'
  const bounded = await newUser(UserName, 'kms:*')
  expect(await outcomes(bounded)).toEqual(only(...Object.keys(CALLS)))
  const PolicyDocument = allowing('kms:Decrypt', 'kms:List*')
  const { Policy } = await iam.send(
    new CreatePolicyCommand({ PolicyName: 'Boundary', PolicyDocument }),
  )
  await iam.send(
    new PutUserPermissionsBoundaryCommand({ UserName, PermissionsBoundary: Policy?.Arn }),
  )
  const within = only('kms:Decrypt', 'kms:ListKeys')
  expect(await outcomes(bounded)).toEqual(within)
  await allowUser(UserName, allowing('s3:*'))
  expect(await outcomes(bounded)).toEqual(only())
})

it('An access key that is deactivated stops at once on every connection, until it is active again', async () => {
  const UserName = 'leaver'
  const leaver = await newUser(UserName, 'kms:ListKeys')
  // Connections of their own: both workers have some.
  const connections = Array.from({ length: 8 }, () => server.kms(config(leaver)))
  const ask = () => Promise.all(connections.map((kms) => outcome(kms.send(new ListKeysCommand()))))
  const all = (word: string) => connections.map(() => word)
  expect(await ask()).toEqual(all('allowed'))
  const change = (Status: 'Active' | 'Inactive') =>
    iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId: leaver.accessKeyId, Status }))
  await change('Inactive')
  // Both workers run on this machine: at once, also in the one that did not change it.
  expect(await ask()).toEqual(all('UnrecognizedClientException'))
  await change('Active')
  expect(await ask()).toEqual(all('allowed'))
})

it.skipIf(!hasCli)('The AWS CLI simulates what enforcement then does', async () => {
  const UserName = 'simulated'
  const simulated = await newUser(UserName)
  const on = { Action: ['kms:Decrypt', 'kms:Encrypt'], Resource: key }
  await allowUser(
    UserName,
    document({ Effect: 'Allow', ...on }, { Effect: 'Deny', Action: 'kms:Encrypt', Resource: '*' }),
  )
  const { stdout } = await aws(
    server.credentials,
    ...['iam', 'simulate-principal-policy', '--policy-source-arn', arnOf(`user/${UserName}`)],
    ...['--action-names', 'kms:Decrypt', 'kms:Encrypt', 'kms:DescribeKey'],
    ...['--resource-arns', key],
  )
  const { EvaluationResults } = JSON.parse(stdout) as {
    EvaluationResults: { EvalActionName: string; EvalDecision: string }[]
  }
  const said = EvaluationResults.map(({ EvalActionName, EvalDecision }) => [
    EvalActionName,
    EvalDecision,
  ])
  expect(said).toEqual([
    ['kms:Decrypt', 'allowed'],
    ['kms:Encrypt', 'explicitDeny'],
    ['kms:DescribeKey', 'implicitDeny'],
  ])
  expect(await outcomes(simulated)).toEqual(only('kms:Decrypt'))
  const encrypting = server.kms(config(simulated))
  const refused = (action: string) =>
    (CALLS[action] as (kms: KMSClient) => Promise<unknown>)(encrypting)
  await expect(refused('kms:Encrypt')).rejects.toThrow(/with an explicit deny in an identity-based/)
  await expect(refused('kms:DescribeKey')).rejects.toThrow(/no identity-based policy allows/)
})
