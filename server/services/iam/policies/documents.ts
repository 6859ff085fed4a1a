// Policy documents as callers send them: of the grammar, and within IAM's quotas.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
import type { Identities } from '../../../contract/ports.ts'
import { MalformedPolicyError } from '../../../policy/malformed-policy.ts'
import { parsePolicy } from '../../../policy/parser.ts'
import { policySize } from '../../../policy/policy-kinds.ts'
import type { InlinePolicy } from '../entities/entity.ts'
import { LimitExceededException, MalformedPolicyDocumentException } from '../errors.ts'
import type { Holder } from '../holders.ts'
import { QUOTAS } from '../limits.ts'
import { storedTrustPolicy } from './trust-policy.ts'

/** Throws where the document is no policy of a user, group or role. */
export function requirePolicyDocument(document: string): void {
  try {
    parsePolicy(document, 'identity')
  } catch (error) {
    throw inIamsWords(error)
  }
}

/** Throws where the document is none, or too long for a managed policy. */
export function requireManagedDocument(document: string): void {
  requirePolicyDocument(document)
  if (policySize(document).characters > QUOTAS.policySize) {
    throw LimitExceededException.quota('PolicySize', QUOTAS.policySize)
  }
}

/** Throws where all inline policies of the holder together would be too long. */
export function requireInlineSize(holder: Holder, inline: readonly InlinePolicy[]): void {
  const total = inline.reduce((sum, { document }) => sum + policySize(document).characters, 0)
  const quota = QUOTAS.inlineSize[holder.kind]
  if (total > quota) throw LimitExceededException.inlineSize(holder.kind, holder.name, quota)
}

/** The trust policy as it is kept; throws where it is none, too long, or names who does not exist. */
export async function keptTrustPolicy(document: string, identities: Identities): Promise<string> {
  if (policySize(document).characters > QUOTAS.trustPolicySize) {
    throw LimitExceededException.quota('ACLSizePerRole', QUOTAS.trustPolicySize)
  }
  try {
    return await storedTrustPolicy(document, identities)
  } catch (error) {
    throw inIamsWords(error)
  }
}

function inIamsWords(error: unknown): unknown {
  return error instanceof MalformedPolicyError ? MalformedPolicyDocumentException.of(error) : error
}
