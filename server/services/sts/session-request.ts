// What all operations that begin a session check of their input: session policies, tags, duration.
import { ValidationException } from '../../contract/errors.ts'
import { Missing } from '../../contract/operation.ts'
import type { AssumableRole } from '../../contract/ports.ts'
import type { SessionFacts, TemporaryCredentials } from '../../contract/session.ts'
import { MalformedPolicyError } from '../../policy/malformed-policy.ts'
import { parsePolicy } from '../../policy/parser.ts'
import {
  InvalidParameterValue,
  MalformedPolicyDocumentException,
  PackedPolicyTooLargeException,
} from './errors.ts'
import { MAX_POLICY_ARNS } from './limits.ts'
import type { StsStores } from './operation.ts'
import type { Credentials, PolicyDescriptorType, Tag } from './wire.ts'

type Pairs = SessionFacts['tags']

/** The session policies that were asked for. */
export function readSessionPolicies(input: {
  readonly Policy?: string | undefined
  readonly PolicyArns?: readonly PolicyDescriptorType[] | undefined
}): Pick<SessionFacts, 'policy' | 'policyArns'> {
  const { Policy: policy, PolicyArns: descriptors = [] } = input
  if (descriptors.length > MAX_POLICY_ARNS) {
    throw new ValidationException(
      `The number of managed policies passed exceeds the limit of ${MAX_POLICY_ARNS}.`,
    )
  }
  const policyArns = descriptors.map(({ arn = '' }) => {
    if (POLICY_ARN.test(arn)) return arn
    throw new ValidationException(`The specified policy ARN is invalid: ${arn}`)
  })
  if (policy !== undefined) requirePolicy(policy)
  return { policy, policyArns }
}

const POLICY_ARN = /^arn:aws:iam::(?:aws|\d{12}):policy\/[\x21-\x7e]+$/

function requirePolicy(policy: string): void {
  try {
    parsePolicy(policy, 'session')
  } catch (error) {
    if (!(error instanceof MalformedPolicyError)) throw error
    throw new MalformedPolicyDocumentException(
      `The policy is not in the valid JSON format. ${error.message}`,
    )
  }
}

/** The tags that were asked for; names meet in any case, so none may be given twice. */
export function readSessionTags(tags: readonly Tag[] = []): Pairs {
  const seen = new Set<string>()
  return tags.map(({ Key: key = '', Value: value = '' }) => {
    const folded = key.toLowerCase()
    if (seen.has(folded)) {
      throw new InvalidParameterValue(
        'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
      )
    }
    if (folded.startsWith('aws:') || !TAG.test(key) || !TAG.test(value)) {
      throw new InvalidParameterValue(
        `Tags may hold letters, digits, white space and _.:/=+-@, and no key begins with aws: (${key}).`,
      )
    }
    seen.add(folded)
    return [key, value] as const
  })
}

const TAG = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

/** The session's tags: those asked for on top of those that its maker's session hands on. */
export function inheritTags(
  asked: Pairs,
  transitiveKeys: readonly string[],
  inherited: Pairs,
): Pick<SessionFacts, 'tags' | 'transitiveTagKeys'> {
  const askedKeys = new Set(asked.map(([key]) => key.toLowerCase()))
  if (transitiveKeys.some((key) => !askedKeys.has(key.toLowerCase()))) {
    throw new InvalidParameterValue(
      'The specified transitive tag key must be included in the requested tags.',
    )
  }
  if (inherited.some(([key]) => askedKeys.has(key.toLowerCase()))) {
    throw new InvalidParameterValue(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    )
  }
  return {
    tags: [...asked, ...inherited],
    transitiveTagKeys: [...transitiveKeys, ...inherited.map(([key]) => key)],
  }
}

/** The tags of the role that is asked for, under both names that policies know them by. */
export function* roleTagKeys(
  role: AssumableRole | Missing,
): Generator<readonly [key: string, value: string]> {
  if (role instanceof Missing) return
  for (const [key, value] of role.tags) {
    yield [`aws:ResourceTag/${key}`, value]
    yield [`iam:ResourceTag/${key}`, value]
  }
}

/** The credentials of a new session, as every operation answers them. */
export function issue(
  facts: SessionFacts,
  { identities }: StsStores,
): { Credentials: Credentials; PackedPolicySize?: number } {
  const issued: TemporaryCredentials | undefined = identities.issueSession(facts)
  if (issued === undefined) throw new PackedPolicyTooLargeException()
  const isPacked = facts.policy !== undefined || facts.policyArns.length + facts.tags.length > 0
  return {
    Credentials: {
      AccessKeyId: issued.accessKeyId,
      SecretAccessKey: issued.secretAccessKey,
      SessionToken: issued.sessionToken,
      Expiration: new Date(facts.expiresAtMs),
    },
    ...(isPacked && { PackedPolicySize: issued.percentOfToken }),
  }
}
