// Every error of KMS that this server throws, with its message in one place.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html
import { AwsError } from '../../contract/errors.ts'
import type { MalformedPolicyError } from '../../policy/malformed-policy.ts'

/** The resource does not exist, or not in this Region. */
export class NotFoundException extends AwsError {
  static key(arn: string) {
    return new NotFoundException(`Key '${arn}' does not exist`)
  }
  static keyId(given: string) {
    return new NotFoundException(`Invalid keyId '${given}'`)
  }
  static alias(arn: string) {
    return new NotFoundException(`Alias ${arn} is not found.`)
  }
  static keyMaterial(id: string, arn: string) {
    return new NotFoundException(`Key material ${id} is not associated with ${arn}.`)
  }
  static region(region: string) {
    return new NotFoundException(`Invalid arn ${region}`)
  }
  static grant(id: string) {
    return new NotFoundException(`Grant ID ${id} not found`)
  }
  static policy() {
    return new NotFoundException('No such policy exists')
  }
}

export class AlreadyExistsException extends AwsError {
  static key(arn: string) {
    return new AlreadyExistsException(`${arn} already exists.`)
  }
  static alias(arn: string) {
    return new AlreadyExistsException(`An alias with the name ${arn} already exists`)
  }
}

export class InvalidAliasNameException extends AwsError {
  constructor(name: string) {
    super(`Invalid alias name '${name}'`)
  }
}

export class MalformedPolicyDocumentException extends AwsError {
  static principals() {
    return new MalformedPolicyDocumentException(
      'Policy contains a statement with one or more invalid principals.',
    )
  }
  static lockout() {
    return new MalformedPolicyDocumentException(
      'The new key policy will not allow you to update the key policy in the future.',
    )
  }
  /** AWS's words where they are known, else the place in the document. */
  static of({ reason, path, message }: MalformedPolicyError) {
    if (/Statement needs Principal|at least one principal is needed/i.test(message)) {
      return new MalformedPolicyDocumentException('Policy contains a statement with no principal.')
    }
    if (reason === 'invalid-principal') return MalformedPolicyDocumentException.principals()
    const where =
      path === '' ? 'The policy document is malformed: ' : 'Malformed policy document at '
    return new MalformedPolicyDocumentException(`${where}${message}.`)
  }
}

/** Says nothing, as AWS does: the alias belongs to a key that AWS manages. Not in the model of KMS. */
export class NotAuthorizedException extends AwsError {}

export class LimitExceededException extends AwsError {
  static onDemandRotations(arn: string, limit: number) {
    return new LimitExceededException(
      `${arn} has reached the maximum number of on-demand rotations: ${limit}.`,
    )
  }
  static policySize() {
    return new LimitExceededException('A key policy document cannot exceed 32768 bytes.')
  }
  static grants(limit: number) {
    return new LimitExceededException(`A key cannot have more than ${limit} grants.`)
  }
  static aliases(limit: number, present: number) {
    return new LimitExceededException(
      `Aliases per key quota for this account in this region is ${limit}, current usage is ${present}.`,
    )
  }
}

export class TagException extends AwsError {
  static duplicateKeys() {
    return new TagException('Duplicate tag keys')
  }
  static tooMany() {
    return new TagException('Too many tags')
  }
  static reserved() {
    return new TagException('Tags beginning with aws: are reserved')
  }
  static invalid() {
    return new TagException('Invalid tag')
  }
}

export class InvalidArnException extends AwsError {
  constructor(given: string, message = `Invalid ARN '${given}'`) {
    super(message)
  }
  /** Where an operation takes the id or the ARN of a key alone. */
  static alias(arn: string) {
    return new InvalidArnException(arn, 'Key Aliases are not supported for this operation.')
  }
  static principal(given: string) {
    return new InvalidArnException(given, `ARN does not refer to a valid principal: ${given}`)
  }
}

export class InvalidGrantIdException extends AwsError {
  constructor() {
    super('The grant ID is not valid.')
  }
}

export class DisabledException extends AwsError {
  constructor(arn: string) {
    super(`${arn} is disabled.`)
  }
}

export class KMSInvalidStateException extends AwsError {
  static pendingDeletion(arn: string) {
    return new KMSInvalidStateException(`${arn} is pending deletion.`)
  }
  static pendingImport(arn: string) {
    return new KMSInvalidStateException(`${arn} is pending import.`)
  }
  static nothingToRotate(arn: string) {
    return new KMSInvalidStateException(
      `No available key material pending rotation for the key: ${arn}.`,
    )
  }
  static rotationPending(arn: string) {
    return new KMSInvalidStateException(
      `${arn} already has key material pending rotation. Rotate the key or delete that material first.`,
    )
  }
  static pendingReplicaDeletion(arn: string) {
    return new KMSInvalidStateException(`${arn} is pending replica deletion.`)
  }
  static creating(arn: string) {
    return new KMSInvalidStateException(`${arn} is creating.`)
  }
  static updating(arn: string) {
    return new KMSInvalidStateException(`${arn} is updating.`)
  }
  static notPendingDeletion(arn: string) {
    return new KMSInvalidStateException(`${arn} is not pending deletion.`)
  }
  static managedAlias(name: string) {
    return new KMSInvalidStateException(
      `The alias ${name} is a AWS managed alias and cannot be deleted.`,
    )
  }
}

export class InvalidKeyUsageException extends AwsError {
  static usage(arn: string, usage: string, operation: string) {
    return new InvalidKeyUsageException(
      `${arn} key usage is ${usage} which is not valid for ${operation}.`,
    )
  }
  static algorithm(algorithm: string, spec: string) {
    return new InvalidKeyUsageException(
      `Algorithm ${algorithm} is incompatible with key spec ${spec}.`,
    )
  }
}

/** Says nothing: the signature is not one of this message by this key. */
export class KMSInvalidSignatureException extends AwsError {}

/** Says nothing: the MAC is not one of this message under this key. */
export class KMSInvalidMacException extends AwsError {}

/** Says nothing, on purpose: not what was wrong with the ciphertext or its context. */
export class InvalidCiphertextException extends AwsError {}

/** What came is not the material that was expected. Nothing of it is told. */
export class IncorrectKeyMaterialException extends AwsError {
  static unfit(spec: string) {
    return new IncorrectKeyMaterialException(
      `The key material is not valid for key spec ${spec}: symmetric keys are binary, private keys are DER-encoded PKCS #8.`,
    )
  }
  static other(arn: string) {
    return new IncorrectKeyMaterialException(
      `The key material is not the same that was previously imported into ${arn}.`,
    )
  }
  static known(arn: string) {
    return new IncorrectKeyMaterialException(
      `The key material is already associated with ${arn}, but new key material was expected.`,
    )
  }
  static notThat(id: string) {
    return new IncorrectKeyMaterialException(
      `The key material does not match the key material ID ${id}.`,
    )
  }
}

export class InvalidImportTokenException extends AwsError {
  constructor() {
    super('The import token is not valid, or is associated with a different KMS key.')
  }
}

export class ExpiredImportTokenException extends AwsError {
  constructor() {
    super(
      'The import token has expired. Use GetParametersForImport to get a new import token and public key.',
    )
  }
}

export class IncorrectKeyException extends AwsError {
  constructor() {
    super('The key ID in the request does not identify a CMK that can perform this operation.')
  }
}

export class InvalidGrantTokenException extends AwsError {
  constructor() {
    super('The grant token is not valid.')
  }
}

export class InvalidMarkerException extends AwsError {
  constructor() {
    super('The marker is not valid: pass the NextMarker of the previous answer unchanged.')
  }
}

export class UnsupportedOperationException extends AwsError {
  /** Says nothing, as AWS does: only symmetric encryption keys rotate. */
  static rotation() {
    return new UnsupportedOperationException()
  }
  static origin(arn: string, origin: string) {
    return new UnsupportedOperationException(
      `${arn} origin is ${origin} which is not valid for this operation.`,
    )
  }
  static notHere(what: string) {
    return new UnsupportedOperationException(`${what} is not supported by this server.`)
  }
  static wrapping(algorithm: string, wrappingKey: string, spec: string) {
    return new UnsupportedOperationException(
      `${algorithm} with ${wrappingKey} cannot wrap key material for key spec ${spec}.`,
    )
  }
  static notPrimary(arn: string) {
    return new UnsupportedOperationException(`${arn} is not a multi-Region primary key.`)
  }
  static isPrimary(arn: string) {
    return new UnsupportedOperationException(`${arn} is the multi-Region primary key already.`)
  }
  static region(region: string) {
    return new UnsupportedOperationException(`Region ${region} is not supported by this server.`)
  }
  static noPublicKey(arn: string, spec: string) {
    return new UnsupportedOperationException(
      `${arn} key spec is ${spec} which is not valid for GetPublicKey.`,
    )
  }
}

export class CustomKeyStoreNotFoundException extends AwsError {
  constructor(id: string) {
    super(`Custom key store ${id} does not exist.`)
  }
}

/** A rotation that the schedule will make soon is not made twice. */
export class ConflictException extends AwsError {
  constructor() {
    super(
      'The request was rejected because an automatic rotation of this key is currently in progress or scheduled to begin within the next 20 minutes.',
    )
  }
}

/** The answer to a bug, or to a store or trail that does not answer. */
export class KMSInternalException extends AwsError {
  override readonly status: number = 500
  constructor() {
    super('The request was rejected because an internal exception occurred. It can be retried.')
  }
}
