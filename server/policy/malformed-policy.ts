// What a refused policy document throws. The services map the reason to AWS's words and error codes
// (KMS MalformedPolicyDocumentException, IAM MalformedPolicyDocument, S3 MalformedPolicy).

export type MalformedReason =
  | 'syntax'
  | 'too-large'
  | 'too-deep'
  | 'duplicate-name'
  | 'lone-surrogate'
  | 'wrong-type'
  | 'empty'
  | 'unknown-element'
  | 'missing-element'
  | 'forbidden-element'
  | 'conflicting-elements'
  | 'invalid-version'
  | 'invalid-effect'
  | 'invalid-sid'
  | 'duplicate-sid'
  | 'invalid-principal'
  | 'invalid-action'
  | 'invalid-resource'
  | 'invalid-variable'
  | 'unknown-operator'
  | 'invalid-condition-key'
  | 'invalid-literal'
  | 'over-permissive-condition'

/** A policy document that is not one. `path` reads `Statement[0].Condition.Bool`; '' is the whole. */
export class MalformedPolicyError extends Error {
  readonly path: string
  readonly reason: MalformedReason

  constructor(reason: MalformedReason, path: string, detail: string) {
    super(path === '' ? detail : `${path}: ${detail}`)
    this.name = 'MalformedPolicyError'
    this.path = path
    this.reason = reason
  }
}

/** Refuses the document. */
export function refuse(reason: MalformedReason, path: string, detail: string): never {
  throw new MalformedPolicyError(reason, path, detail)
}

/** The path of a member; names are cut so that an error never repeats a whole document. */
export function member(path: string, name: string): string {
  const shown = name.length > 64 ? `${name.slice(0, 64)}…` : name
  return path === '' ? shown : `${path}.${shown}`
}
