// A program logs in with the token of an OpenID Connect issuer, by what official clients find in their
// environment, as docs/web-identity.md says: the SDK for JavaScript, and boto3.
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  IAMClient,
} from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newDirectory, type Running, startServer } from './server-program.ts'

const PYTHON = '/usr/bin/python3'
const hasOpenssl = spawnSync('openssl', ['version']).status === 0
const hasBoto3 = spawnSync(PYTHON, ['-c', 'import boto3']).status === 0
if (!hasOpenssl) process.stderr.write('\nopenssl is not installed: web identities are SKIPPED\n')

// Told the endpoint: boto3 reads AWS_ENDPOINT_URL from 1.28 on.
const BOTO3 = `
import boto3, os
from botocore import UNSIGNED
from botocore.config import Config
url = os.environ["AWS_ENDPOINT_URL"]
token = open(os.environ["AWS_WEB_IDENTITY_TOKEN_FILE"]).read()
sts = boto3.client("sts", endpoint_url=url, config=Config(signature_version=UNSIGNED))
answer = sts.assume_role_with_web_identity(
    RoleArn=os.environ["AWS_ROLE_ARN"], RoleSessionName="boto3", WebIdentityToken=token)
given = answer["Credentials"]
print(answer["SubjectFromWebIdentityToken"])
print(boto3.client("sts", endpoint_url=url, aws_access_key_id=given["AccessKeyId"],
    aws_secret_access_key=given["SecretAccessKey"],
    aws_session_token=given["SessionToken"]).get_caller_identity()["Arn"])
`

const SUBJECT = 'system:serviceaccount:shop:checkout'
const directory = newDirectory()
const path = (name: string) => join(directory.path, name)

describe.skipIf(!hasOpenssl)('A program with a token', () => {
  let keyhold: Running
  let environment: Record<string, string>
  let closeIssuer = async () => {}
  beforeAll(async () => {
    const subject = ['-subj', '/CN=issuer', '-addext', 'subjectAltName=IP:127.0.0.1']
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-days', '2', '-nodes']
    const files = ['-keyout', path('key.pem'), '-out', path('cert.pem')]
    execFileSync('openssl', ['req', '-x509', ...kind, ...subject, ...files], { stdio: 'ignore' })
    const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256' }
    const tls = { key: readFileSync(path('key.pem')), cert: readFileSync(path('cert.pem')) }
    const issuer = createServer(tls, ({ url }, response) => {
      const isKeys = url === '/openid/v1/jwks'
      const document = { issuer: Url, jwks_uri: `${Url}/openid/v1/jwks` }
      response.end(JSON.stringify(isKeys ? { keys: [jwk] } : document))
    })
    await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve))
    closeIssuer = async () => {
      await new Promise((resolve) => issuer.close(resolve))
    }
    const host = `127.0.0.1:${(issuer.address() as AddressInfo).port}`
    const Url = `https://${host}`
    const token = await new SignJWT({ sub: SUBJECT })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuer(Url)
      .setAudience(['sts.amazonaws.com'])
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey)
    writeFileSync(path('token'), token)

    keyhold = await startServer(path('data'), ['--workers', '1', '--oidc-ca', path('cert.pem')])
    const { endpoint, credentials } = keyhold
    const iam = new IAMClient({ endpoint, region: 'us-east-1', credentials })
    const { OpenIDConnectProviderArn: Federated } = await iam.send(
      new CreateOpenIDConnectProviderCommand({ Url, ClientIDList: ['sts.amazonaws.com'] }),
    )
    const trust = {
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { Federated },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: { [`${host}:sub`]: SUBJECT, [`${host}:aud`]: 'sts.amazonaws.com' },
        },
      },
    }
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName: 'checkout',
        AssumeRolePolicyDocument: JSON.stringify(trust),
      }),
    )
    environment = {
      AWS_ROLE_ARN: Role?.Arn as string,
      AWS_WEB_IDENTITY_TOKEN_FILE: path('token'),
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
    }
  })
  afterAll(async () => {
    await keyhold?.kill()
    await closeIssuer()
    directory.remove()
  })

  it('is a session of its role to the SDK for JavaScript, told nothing but its environment', async () => {
    const before = { ...process.env }
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) {
      delete process.env[name]
    }
    Object.assign(process.env, environment, { AWS_ROLE_SESSION_NAME: 'pod-1' })
    try {
      const { Arn } = await new STSClient().send(new GetCallerIdentityCommand())
      expect(Arn).toBe('arn:aws:sts::111122223333:assumed-role/checkout/pod-1')
    } finally {
      process.env = before
    }
  })

  it.skipIf(!hasBoto3)(
    'is a session of its role to boto3, which asks without a signature',
    async () => {
      const env = { PATH: process.env.PATH, HOME: directory.path, ...environment }
      const { stdout } = await promisify(execFile)(PYTHON, ['-c', BOTO3], { env })
      expect(stdout.trim().split('\n')).toEqual([
        SUBJECT,
        'arn:aws:sts::111122223333:assumed-role/checkout/boto3',
      ])
    },
  )
})
