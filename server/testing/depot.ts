// A service for tests that keeps nothing: it encrypts and decrypts with KMS in each of the ways in which
// services do, under the name of an AWS service.
import type { Call } from '../contract/call.ts'
import { identityDemand } from '../contract/demand.ts'
import { AccessDeniedException, AwsError } from '../contract/errors.ts'
import type { ChangingOperation, ReadingOperation } from '../contract/operation.ts'
import type { Service } from '../contract/service.ts'
import type { Source, Through } from '../contract/through.ts'
import { type MemberText, ownSchema } from '../schema/own-shape.ts'
import { Decrypt, Encrypt } from '../services/kms/index.ts'

/** How the depot goes to KMS, and with what. */
export type DepotRequest = {
  /** `caller`, `infrastructure`, `grantee` or `service`. */
  readonly As: string
  readonly KeyId?: string
  /** What is to be encrypted. */
  readonly Text?: string
  /** What is to be decrypted, in base64. */
  readonly Blob?: string
  /** The ARN of the resource that the depot acts for. */
  readonly Source?: string
  /** The instance that the depot is infrastructure of. */
  readonly Session?: string
  /** A value of the encryption context, under the name `Item`. */
  readonly Item?: string
}
export type DepotResponse = { readonly Blob?: string; readonly Text?: string }

/** What became of a request to KMS that was not denied. */
class KeyUnusable extends AwsError {}

class DepotFailure extends AwsError {
  override readonly status: number = 500
}

const INPUT = {
  As: 'string!',
  KeyId: 'string?',
  Text: 'string?',
  Blob: 'string?',
  Source: 'string?',
  Session: 'string?',
  Item: 'string?',
} satisfies Record<keyof DepotRequest, MemberText>

/** The depot under this name, such as `s3`. */
export function depot(name: string): Service {
  const common = {
    limits: {},
    errors: [KeyUnusable],
    target: () => 'depot' as const,
    usage: () => [],
    resources: () => [],
  }
  const Use: ReadingOperation<DepotRequest, DepotResponse, 'depot', undefined> = {
    ...common,
    schema: ownSchema<DepotRequest, DepotResponse>('Use', INPUT, {
      Blob: 'string?',
      Text: 'string?',
    }),
    demands: (_target, _input, call) => [identityDemand(`${name}:Use`, '*', call.account)],
    audit: { readOnly: true, show: ['KeyId'], showOutput: [] },
    handle: (input, _target, call) => use(input, call),
  }
  const Keep: ChangingOperation<DepotRequest, object, 'depot', undefined, DepotResponse> = {
    ...common,
    schema: ownSchema<DepotRequest, object>('Keep', INPUT, {}),
    demands: (_target, _input, call) => [identityDemand(`${name}:Keep`, '*', call.account)],
    audit: { readOnly: false, show: ['KeyId'], showOutput: [] },
    prepare: (input, _target, call) => use(input, call),
    async apply() {
      throw new KeyUnusable('the depot is full')
    },
  }
  return {
    name,
    eventSource: `${name}.amazonaws.com`,
    wire: { kind: 'aws-json', version: '1.1', targetPrefix: `Depot-${name}` },
    globalRegion: undefined,
    maxBodyBytes: 64 * 1024,
    internalFailure: DepotFailure,
    operations: { Use, Keep },
    innerOperations: [],
    migrations: [],
    protectedTables: [],
    open: async () => () => undefined,
    jobs: async () => [],
  }
}

async function use(input: DepotRequest, call: Call): Promise<DepotResponse> {
  const how = readHow(input, call)
  const context = input.Item === undefined ? {} : { EncryptionContext: { Item: input.Item } }
  const { KeyId } = input
  try {
    if (input.Blob !== undefined) {
      const CiphertextBlob = Buffer.from(input.Blob, 'base64')
      const { Plaintext } = await call.invoke(Decrypt, { KeyId, CiphertextBlob, ...context }, how)
      return { Text: Buffer.from(Plaintext ?? []).toString() }
    }
    const Plaintext = Buffer.from(input.Text ?? '')
    const { CiphertextBlob } = await call.invoke(Encrypt, { KeyId, Plaintext, ...context }, how)
    return { Blob: Buffer.from(CiphertextBlob ?? []).toString('base64') }
  } catch (error) {
    if (!(error instanceof AwsError) || error instanceof AccessDeniedException) throw error
    throw new KeyUnusable(`${error.constructor.name}: ${error.message}`)
  }
}

function readHow({ As, Source: arn = '', Session = '' }: DepotRequest, call: Call): Through {
  const source: Source = { arn, account: call.account }
  switch (As) {
    case 'infrastructure':
      return {
        as: 'infrastructure',
        role: 'aws:ec2-infrastructure',
        session: Session,
        account: call.account,
      }
    case 'grantee':
      return { as: 'grantee', source }
    case 'service':
      return { as: 'service', source }
    default:
      return { as: 'caller' }
  }
}
