// The one call that demands what a question of the corpus is about.
import { randomUUID } from 'node:crypto'
import { CreateUserCommand } from '@aws-sdk/client-iam'
import * as kmsSdk from '@aws-sdk/client-kms'
import { AssumeRoleCommand } from '@aws-sdk/client-sts'
import { KEY, ROLE, USER } from '../../../policy/testing/cast.ts'
import type { TestServer } from '../../../testing/test-server.ts'
import { type Question, servedDemands } from './corpus-plan.ts'

export type Credentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** What one question has on the server. */
export type Props = {
  /** ARNs of keys by those of the corpus. */
  readonly keys: ReadonlyMap<string, string>
  /** The document or value with this server's ARNs and names in place of the corpus's. */
  readonly here: <T>(value: T) => T
  readonly grantId: string | undefined
  readonly ciphertext: Uint8Array | undefined
}

export const Plaintext = Buffer.from('of the corpus')

export const decrypts = ({ demands }: Question) =>
  demands.some(({ action }) => ['kms:Decrypt', 'kms:ReEncryptFrom'].includes(action))

export function call(
  server: TestServer,
  credentials: Credentials,
  question: Question,
  props: Props,
): Promise<unknown> {
  const demands = servedDemands(question)
  const [first] = demands
  if (first === undefined) throw new Error(`${question.label} demands nothing of this server`)
  const { action, context } = first
  const isThere = first.policy !== undefined || first.authority !== 'delegation'
  const arnOf = (corpusArn: string) => props.keys.get(corpusArn) as string
  // A key that is not there is one of which nobody knows.
  const keyArn = isThere ? arnOf(KEY) : KEY.replace(/[^/]*$/, randomUUID())
  const alias = context['kms:RequestAlias'] as string | undefined
  const KeyId = alias === undefined ? keyArn : props.here(alias)
  const other = demands.find(({ resource }) => resource !== KEY && props.keys.has(resource))
  const EncryptionContext = encryptionContextOf(question)
  const CiphertextBlob = props.ciphertext
  const kms = server.kms({ credentials })
  switch (action) {
    case 'kms:Encrypt': {
      const target = other === undefined ? KeyId : arnOf(other.resource)
      const input = { KeyId: target, Plaintext, EncryptionContext }
      return kms.send(new kmsSdk.EncryptCommand(input))
    }
    case 'kms:Decrypt':
      return kms.send(new kmsSdk.DecryptCommand({ KeyId, CiphertextBlob, EncryptionContext }))
    case 'kms:ReEncryptFrom': {
      const DestinationKeyId = arnOf(other?.resource ?? '')
      return kms.send(new kmsSdk.ReEncryptCommand({ CiphertextBlob, DestinationKeyId }))
    }
    case 'kms:GenerateDataKey':
      return kms.send(new kmsSdk.GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }))
    case 'kms:DescribeKey':
      return kms.send(new kmsSdk.DescribeKeyCommand({ KeyId }))
    case 'kms:CreateAlias': {
      const AliasName = props.here('alias/x')
      return kms.send(new kmsSdk.CreateAliasCommand({ AliasName, TargetKeyId: keyArn }))
    }
    case 'kms:CreateGrant': {
      const operations = (context['kms:GrantOperations'] ?? ['Encrypt']) as kmsSdk.GrantOperation[]
      const input = { KeyId, GranteePrincipal: USER, Operations: operations }
      return kms.send(new kmsSdk.CreateGrantCommand(input))
    }
    case 'kms:RetireGrant':
      return kms.send(new kmsSdk.RetireGrantCommand({ KeyId, GrantId: props.grantId }))
    case 'kms:ScheduleKeyDeletion': {
      const days = Number(context['kms:ScheduleKeyDeletionPendingWindowInDays'])
      const input = { KeyId, PendingWindowInDays: days }
      return kms.send(new kmsSdk.ScheduleKeyDeletionCommand(input))
    }
    case 'kms:PutKeyPolicy': {
      const input = { KeyId, Policy: JSON.stringify(first.policy) }
      return kms.send(new kmsSdk.PutKeyPolicyCommand(input))
    }
    case 'iam:CreateUser':
      return server
        .iam({ credentials })
        .send(new CreateUserCommand({ Path: '/team/', UserName: 'ursula' }))
    case 'sts:AssumeRole': {
      const tagged = demands.some((demand) => demand.action === 'sts:TagSession')
      const input = {
        RoleArn: ROLE,
        RoleSessionName: 'session-1',
        ExternalId: context['sts:ExternalId'] as string | undefined,
        ...(tagged && { Tags: [{ Key: 'team', Value: 'blue' }] }),
      }
      return server.sts({ credentials }).send(new AssumeRoleCommand(input))
    }
    default:
      throw new Error(`no call for ${action}`)
  }
}

/** The encryption context that leads to the question's condition keys, or satisfies its matching grants. */
export function encryptionContextOf(question: Question): Record<string, string> {
  const [demand] = servedDemands(question)
  const context = demand?.context ?? {}
  const pairs = Object.entries(context).flatMap(([key, value]) => {
    const [, name] = /^kms:EncryptionContext:(.*)$/.exec(key) ?? []
    return name === undefined ? [] : [[name, value as string]]
  })
  const names = (context['kms:EncryptionContextKeys'] ?? []) as readonly string[]
  for (const name of names) pairs.push([name, 'any'])
  if (pairs.length > 0 || demand?.grants.length === 0) return Object.fromEntries(pairs)
  return Object.assign(
    {},
    ...question.grants.flatMap((grant) => Object.values(grant.constraints ?? {})),
  )
}
