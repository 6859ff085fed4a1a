// The condition keys that policies ask for: what a simulation must be given.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForCustomPolicy.html
import { MalformedPolicyError } from '../../../policy/malformed-policy.ts'
import { parsePolicy } from '../../../policy/parser.ts'
import { contextKeysNamed } from '../../../policy/policy-names.ts'
import { InvalidInputException } from '../errors.ts'

/** Every key that the documents' conditions and variables name, once. */
export function contextKeysOf(documents: readonly string[]): string[] {
  const keys = new Map<string, string>()
  for (const [at, document] of documents.entries()) {
    for (const key of keysNamed(document, `PolicyInputList.${at + 1}`)) {
      if (!keys.has(key.toLowerCase())) keys.set(key.toLowerCase(), key)
    }
  }
  return [...keys.values()]
}

function keysNamed(document: string, name: string): readonly string[] {
  try {
    return contextKeysNamed(parsePolicy(document, 'identity'))
  } catch (error) {
    if (error instanceof MalformedPolicyError) {
      throw InvalidInputException.document(name, error.message)
    }
    throw error
  }
}
