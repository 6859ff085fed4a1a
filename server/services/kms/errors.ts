// Every error of KMS that this server throws, with its message in one place.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html
import { AwsError } from '../../contract/errors.ts'

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
  static region(region: string) {
    return new NotFoundException(`Invalid arn ${region}`)
  }
}

export class InvalidArnException extends AwsError {
  constructor(given: string) {
    super(`Invalid ARN '${given}'`)
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
}

export class InvalidKeyUsageException extends AwsError {
  static algorithm(algorithm: string, spec: string) {
    return new InvalidKeyUsageException(
      `Algorithm ${algorithm} is incompatible with key spec ${spec}.`,
    )
  }
}

/** Says nothing, on purpose: not what was wrong with the ciphertext or its context. */
export class InvalidCiphertextException extends AwsError {}

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

export class UnsupportedOperationException extends AwsError {}

export class CustomKeyStoreNotFoundException extends AwsError {
  constructor(id: string) {
    super(`Custom key store ${id} does not exist.`)
  }
}

/** The answer to a bug, or to a store or trail that does not answer. */
export class KMSInternalException extends AwsError {
  override readonly status: number = 500
  constructor() {
    super('The request was rejected because an internal exception occurred. It can be retried.')
  }
}
