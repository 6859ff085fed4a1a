// What STS tells its callers, in AWS's words. The query protocol's codes are in the SDK's schemas.
// https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
import { AwsError } from '../../contract/errors.ts'

export class MalformedPolicyDocumentException extends AwsError {}

/** Policy and tags of a session are too long for its token. */
export class PackedPolicyTooLargeException extends AwsError {
  constructor() {
    super('Packed policy consumes more than 100% of allotted space, please use smaller policy.')
  }
}

/** The message is none of this installation, or of another account. */
export class InvalidAuthorizationMessageException extends AwsError {
  constructor() {
    super('Message is not valid')
  }
}

/** A combination of parameters that each satisfy their limits. */
export class InvalidParameterValue extends AwsError {}
