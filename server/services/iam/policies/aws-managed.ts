// The managed policies of AWS that this server offers, as the policies of an account are.
import { sha256 } from '../../../crypto/digest.ts'
import { entityArn, type ManagedPolicy } from '../entities/entity.ts'
import { AWS_MANAGED, type AwsManaged } from './aws-managed-documents.ts'

/** The account in the ARNs of AWS's own policies. */
const AWS = 'aws'
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
/** Versions of AWS's policies are numbered by AWS; the documents here are of this date. */
const WRITTEN_MS = Date.UTC(2026, 10, 22)

/** AWS's policy of this ARN, or nothing where this server does not offer it. */
export function findAwsPolicy(arn: string): ManagedPolicy | undefined {
  return BY_ARN.get(arn)
}

export const AWS_POLICIES: readonly ManagedPolicy[] = AWS_MANAGED.map(managedPolicy)

const BY_ARN: ReadonlyMap<string, ManagedPolicy> = new Map(
  AWS_POLICIES.map((policy) => [entityArn('policy', policy), policy]),
)

function managedPolicy({ name, path, description, statements }: AwsManaged): ManagedPolicy {
  const document = JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, 2)
  return {
    kind: 'policy',
    account: AWS,
    id: idOf(path + name),
    name,
    path,
    version: 1,
    createdAtMs: WRITTEN_MS,
    updatedAtMs: WRITTEN_MS,
    description,
    tags: [],
    versions: [{ number: 1, document, createdAtMs: WRITTEN_MS }],
    defaultNumber: 1,
    lastNumber: 1,
  }
}

/** Always the same for the same policy, in every installation. */
function idOf(name: string): string {
  const characters = [...sha256(name).subarray(0, 17)].map((byte) => BASE32.charAt(byte & 31))
  return `ANPA${characters.join('')}`
}
