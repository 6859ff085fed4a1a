// Users, groups, roles and policies made through the API, for tests that are about each kind alike.
import type { HolderKind } from '../holders.ts'
import { arnOf, type IamServer } from './iam-server.ts'
import { allowing } from './stores.ts'

const WORDS = { user: 'User', group: 'Group', role: 'Role' } as const

/** A trust policy that lets the whole account assume the role. */
export const TRUST = allowing('sts:AssumeRole', { Principal: { AWS: arnOf('root') } })

/** Makes the holder, and answers the input that names it: `{ UserName: 'alice' }`. */
export async function makeHolder(
  iam: IamServer,
  kind: HolderKind,
  name: string,
  more: object = {},
): Promise<Readonly<Record<string, string>>> {
  const named = { [`${WORDS[kind]}Name`]: name }
  const trust = kind === 'role' ? { AssumeRolePolicyDocument: TRUST } : {}
  await iam.call(`Create${WORDS[kind]}`, { ...named, ...trust, ...more })
  return named
}

/** Makes a managed policy, and answers its ARN. */
export async function makePolicy(
  iam: IamServer,
  PolicyName: string,
  PolicyDocument = allowing('kms:*'),
  more: object = {},
): Promise<string> {
  const { Policy } = await iam.call('CreatePolicy', { PolicyName, PolicyDocument, ...more })
  return Policy.Arn
}
