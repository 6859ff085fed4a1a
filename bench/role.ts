// A role of the account and a session of it, made through the API as its users would.
import * as iam from '@aws-sdk/client-iam'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import type { KeyholdServer } from './keyhold-server.ts'
import type { Credentials } from './sign.ts'

export const ACCOUNT = '111122223333'

/** What an SDK client needs to speak to the server as the root user. */
export function clientOf({ port, credentials }: KeyholdServer) {
  const { accessKeyId, secretAccessKey, region } = credentials
  return {
    endpoint: `http://127.0.0.1:${port}`,
    region,
    credentials: { accessKeyId, secretAccessKey },
  }
}

/** Credentials of a session of a new role `app`, which has no policies of its own. */
export async function roleSession(keyhold: KeyholdServer): Promise<Credentials> {
  const client = clientOf(keyhold)
  const iamClient = new iam.IAMClient(client)
  const allow = (more: object) =>
    JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...more } })
  await iamClient.send(
    new iam.CreateRoleCommand({
      RoleName: 'app',
      AssumeRolePolicyDocument: allow({ Principal: { AWS: ACCOUNT }, Action: 'sts:AssumeRole' }),
    }),
  )
  await iamClient.send(new iam.CreateUserCommand({ UserName: 'machine' }))
  await iamClient.send(
    new iam.PutUserPolicyCommand({
      UserName: 'machine',
      PolicyName: 'assume',
      PolicyDocument: allow({ Action: 'sts:AssumeRole', Resource: '*' }),
    }),
  )
  const { AccessKey } = await iamClient.send(
    new iam.CreateAccessKeyCommand({ UserName: 'machine' }),
  )
  const credentials = {
    accessKeyId: AccessKey?.AccessKeyId as string,
    secretAccessKey: AccessKey?.SecretAccessKey as string,
  }
  const { Credentials: given } = await new STSClient({ ...client, credentials }).send(
    new AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${ACCOUNT}:role/app`,
      RoleSessionName: 'bench',
    }),
  )
  return {
    accessKeyId: given?.AccessKeyId as string,
    secretAccessKey: given?.SecretAccessKey as string,
    sessionToken: given?.SessionToken as string,
    region: keyhold.credentials.region,
  }
}
