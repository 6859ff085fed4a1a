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

/** An identity token that is not believed. */
export class InvalidIdentityTokenException extends AwsError {
  static notJwt() {
    return new InvalidIdentityTokenException(
      'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    )
  }
  static algorithm(known: readonly string[]) {
    return new InvalidIdentityTokenException(
      `The ID Token is signed with an algorithm other than ${known.join(', ')}.`,
    )
  }
  static claim(name: string) {
    return new InvalidIdentityTokenException(`Missing a required claim: ${name}`)
  }
  static malformed(claim: string) {
    return new InvalidIdentityTokenException(`The claim ${claim} is not of its documented form.`)
  }
  static provider(issuer: string) {
    return new InvalidIdentityTokenException(
      `No OpenIDConnect provider found in your account for ${issuer.slice(0, MAX_SHOWN_ISSUER)}`,
    )
  }
  static audience() {
    return new InvalidIdentityTokenException('Incorrect token audience')
  }
  static future() {
    return new InvalidIdentityTokenException('The ID Token is not valid yet.')
  }
  static key() {
    return new InvalidIdentityTokenException(
      "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
    )
  }
  static thumbprint() {
    return new InvalidIdentityTokenException(
      "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
    )
  }
  static signature() {
    return new InvalidIdentityTokenException("The ID Token's signature is not valid.")
  }
}

const MAX_SHOWN_ISSUER = 255

/** The identity token was good once. */
export class ExpiredTokenException extends AwsError {
  constructor(nowSeconds: number, expiresAtSeconds: number) {
    super(
      `Token expired: current date/time ${nowSeconds} must be before the expiration date/time ${expiresAtSeconds}`,
    )
  }
}

/** The issuer that has to vouch for the token does not answer: try again. */
export class IDPCommunicationErrorException extends AwsError {
  constructor() {
    super('Your identity provider could not be reached to verify the ID Token. Try again.')
  }
}
