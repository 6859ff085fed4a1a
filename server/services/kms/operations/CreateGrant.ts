// https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
import { DryRunOperationException, ValidationException } from '../../../contract/errors.ts'
import { sha256Hex } from '../../../crypto/digest.ts'
import { fields } from '../../../crypto/fields.ts'
import { randomBytes } from '../../../crypto/random.ts'
import { all, length, pattern } from '../../../schema/limits.ts'
import {
  DisabledException,
  InvalidArnException,
  InvalidGrantTokenException,
  KMSInvalidStateException,
  LimitExceededException,
  NotFoundException,
} from '../errors.ts'
import { type Grant, grantableOperations, hasContext, readConstraints } from '../grants/grant.ts'
import { type Key, requireUsable } from '../keys/key.ts'
import { findKey, keyDemand, keyResources } from '../keys/key-target.ts'
import { findKeptId } from '../keys/principals.ts'
import {
  GRANT_OPERATIONS,
  GRANT_TOKENS,
  GRANTS_PER_KEY,
  KEY_ID,
  PRINCIPAL,
  SERVICE_PRINCIPAL,
} from '../limits.ts'
import type { KmsChange, KmsStores } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import {
  type CreateGrantRequest,
  type CreateGrantResponse,
  type GrantConstraints,
  kmsSchema,
} from '../wire.ts'

type NewGrant = {
  readonly key: Key
  readonly grant: Grant
  readonly fingerprint: string | undefined
}

const MAX_PAIRS = 8
const MAX_VALUE_CHARACTERS = 384

export const CreateGrant: KmsChange<CreateGrantRequest, CreateGrantResponse, Key, NewGrant> = {
  schema: kmsSchema('CreateGrant'),
  limits: {
    KeyId: KEY_ID,
    GranteePrincipal: PRINCIPAL,
    RetiringPrincipal: PRINCIPAL,
    Operations: GRANT_OPERATIONS,
    GrantTokens: GRANT_TOKENS,
    Name: all(length(1, 256), pattern(/^[a-zA-Z0-9:/_-]+$/)),
    GranteeServicePrincipal: SERVICE_PRINCIPAL,
    RetiringServicePrincipal: SERVICE_PRINCIPAL,
  },
  errors: [
    NotFoundException,
    DisabledException,
    InvalidArnException,
    InvalidGrantTokenException,
    LimitExceededException,
    KMSInvalidStateException,
    DryRunOperationException,
  ],
  target(input, call) {
    requireConsistent(input)
    return findKey(input.KeyId, call, 'shared-management')
  },
  demands: (target, input, call) => [keyDemand('kms:CreateGrant', target, call, input)],
  usage: (_target, _input, call) => draw('CreateGrant', call),
  resources: keyResources,
  audit: {
    readOnly: false,
    show: [
      'KeyId',
      'GranteePrincipal',
      'RetiringPrincipal',
      'Operations',
      'Constraints',
      'Name',
      'GranteeServicePrincipal',
      'RetiringServicePrincipal',
      'DryRun',
    ],
    showOutput: ['GrantId'],
  },
  async prepare(input, key, call) {
    requireUsable(key)
    requireSuitable(input, key)
    const grant: Grant = {
      account: key.account,
      region: key.region,
      keyId: key.id,
      id: randomBytes(32).toString('hex'),
      grantee:
        input.GranteeServicePrincipal ??
        (await keptId(input.GranteePrincipal as string, call.stores)),
      retiring:
        input.RetiringServicePrincipal ??
        (input.RetiringPrincipal && (await keptId(input.RetiringPrincipal, call.stores))),
      issuer: call.account,
      name: input.Name,
      operations: [...new Set(input.Operations)].sort(),
      constraints: readConstraints(input.Constraints),
      createdAtMs: call.nowMs,
    }
    return { key, grant, fingerprint: fingerprintOf(grant) }
  },
  async apply({ key, grant, fingerprint }, tx, call) {
    const { keys, grants, grantTokens } = call.stores
    await keys.hold(tx, key)
    const alike = fingerprint && (await grants.findAlike(tx, key, fingerprint))
    if (alike) return { GrantId: alike.id, GrantToken: grantTokens.of(alike) }
    if ((await grants.count(tx, key)) >= GRANTS_PER_KEY) {
      throw LimitExceededException.grants(GRANTS_PER_KEY)
    }
    await grants.insert(tx, grant, fingerprint)
    return { GrantId: grant.id, GrantToken: grantTokens.of(grant) }
  },
}

/** By its ARN alone, as policies know it from kms:GranteePrincipal: an id would dodge what they deny. */
async function keptId(principal: string, { principals }: KmsStores): Promise<string> {
  const id = principal.startsWith('arn:') ? await findKeptId(principal, principals) : undefined
  if (id === undefined) throw InvalidArnException.principal(principal)
  return id
}

/** The same for requests that are to make one grant only: those with a name, and with all else alike. */
function fingerprintOf(grant: Grant): string | undefined {
  if (grant.name === undefined) return undefined
  const { issuer, name, grantee, retiring, operations, constraints } = grant
  return sha256Hex(
    fields(
      issuer,
      name,
      grantee,
      JSON.stringify([retiring]),
      JSON.stringify(operations),
      JSON.stringify(constraints),
    ),
  )
}

/** Throws where the request contradicts itself, whatever key it is about. */
function requireConsistent(input: CreateGrantRequest): void {
  const { GranteePrincipal: grantee, GranteeServicePrincipal: service } = input
  const { RetiringPrincipal: retiring, RetiringServicePrincipal: retiringService } = input
  if ((grantee === undefined) === (service === undefined)) {
    throw new ValidationException(
      'You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.',
    )
  }
  if (retiring !== undefined && retiringService !== undefined) {
    throw new ValidationException(
      'You can specify either RetiringPrincipal or RetiringServicePrincipal, but not both.',
    )
  }
  const { Operations: operations = [], Constraints: constraints } = input
  if (service !== undefined && constraints?.SourceArn === undefined) {
    throw new ValidationException('GranteeServicePrincipal requires a SourceArn grant constraint.')
  }
  if (service !== undefined && retiring === undefined && retiringService === undefined) {
    throw new ValidationException(
      'GranteeServicePrincipal requires a RetiringPrincipal or a RetiringServicePrincipal.',
    )
  }
  if (operations.every((operation) => operation === 'CreateGrant')) {
    throw new ValidationException('Grants must not contain only the CreateGrant operation.')
  }
  if (constraints !== undefined) requireBounded(constraints)
}

function requireBounded(constraints: GrantConstraints): void {
  const { EncryptionContextEquals: equals, EncryptionContextSubset: subset } = constraints
  for (const context of [equals, subset]) {
    const pairs = Object.entries(context ?? {})
    if (pairs.length > MAX_PAIRS) {
      throw new ValidationException(
        `A grant constraint can include up to ${MAX_PAIRS} encryption context pairs.`,
      )
    }
    for (const [key, value] of pairs) {
      if (value.length > MAX_VALUE_CHARACTERS || key.length > MAX_VALUE_CHARACTERS) {
        throw new ValidationException(
          `The encryption context in a grant constraint cannot exceed ${MAX_VALUE_CHARACTERS} characters.`,
        )
      }
      if (!key.isWellFormed() || !value.isWellFormed()) {
        throw new ValidationException('The grant constraint holds text that is not valid Unicode.')
      }
    }
  }
  const { SourceArn: source } = constraints
  if (source !== undefined && !/^arn:[!-~]{16,508}$/.test(source)) {
    throw new ValidationException(
      'The SourceArn of a grant constraint is an ARN of 20 to 512 characters.',
    )
  }
}

/** Throws where a grant on this key cannot permit what is asked for. */
function requireSuitable(
  { Operations: operations, Constraints }: CreateGrantRequest,
  key: Key,
): void {
  const grantable = grantableOperations(key)
  const others = (operations ?? []).filter((operation) => !grantable.includes(operation))
  if (others.length > 0) {
    throw new ValidationException(
      `Grants on a key of spec ${key.spec} and usage ${key.usage} cannot include the operations [${others.join(', ')}].`,
    )
  }
  const { EncryptionContextEquals: equals, EncryptionContextSubset: subset } = Constraints ?? {}
  if ((equals !== undefined || subset !== undefined) && !hasContext(key)) {
    throw new ValidationException(
      'Encryption context grant constraints are supported only on symmetric encryption KMS keys.',
    )
  }
}
