// The key policies of keys that AWS manages: nobody writes them, and nobody can change them, because they
// let nobody. https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
import type { Scope } from '../../../contract/call.ts'
import { type ManagedKeyKind, OWNED_KEY_ACTIONS } from './managed-key-kinds.ts'

/** Of an AWS managed key of this account and Region. */
export function managedKeyPolicy(kind: ManagedKeyKind, { account, region }: Scope): string {
  const { service, policyId } = kind
  const through = kind.uses.map((use) => ({
    Sid: `Allow access through ${service} for all principals in the account that are authorized to use ${service}`,
    Effect: 'Allow',
    Principal: { AWS: '*' },
    Action: use.actions,
    Resource: '*',
    Condition:
      use.in === 'its Region'
        ? {
            StringEquals: {
              'kms:CallerAccount': account,
              'kms:ViaService': `${service}.${region}.amazonaws.com`,
            },
          }
        : {
            StringEquals: { 'kms:CallerAccount': account },
            StringLike: { 'kms:ViaService': `${service}.*.amazonaws.com` },
          },
  }))
  const metadata = {
    Sid: 'Allow direct access to key metadata to the account',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: kind.account,
    Resource: '*',
  }
  const reads =
    kind.serviceReads.length === 0
      ? []
      : [ofService(service, kind.serviceReads, 'describe the key')]
  return document(policyId, [...through, metadata, ...reads])
}

/** Of the key that a service owns: no account has any part in it. */
export function ownedKeyPolicy(service: string): string {
  return document(`owned-${service}`, [ofService(service, OWNED_KEY_ACTIONS, 'use the key')])
}

function ofService(service: string, actions: readonly string[], what: string) {
  const name = `${service}.amazonaws.com`
  return {
    Sid: `Allow ${name} to ${what}`,
    Effect: 'Allow',
    Principal: { Service: name },
    Action: actions,
    Resource: '*',
  }
}

function document(id: string, statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Id: id, Statement: statements }, null, 2)
}
