// Why a request is not believed to come from whom it says. Names as JSON services use them; the query
// protocol has older ones (`wire/query.ts`).
// https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
import { AwsError } from '../../contract/errors.ts'

export class MissingAuthenticationTokenException extends AwsError {
  constructor() {
    super('Missing Authentication Token')
  }
}

/** The Authorization header or the date is not complete or not of the form. */
export class IncompleteSignatureException extends AwsError {}

/** The access key does not exist, is inactive, or the session token is none of ours. */
export class UnrecognizedClientException extends AwsError {
  constructor() {
    super('The security token included in the request is invalid.')
  }
}

/** The temporary credentials were good once. */
export class ExpiredTokenException extends AwsError {
  constructor() {
    super('The security token included in the request is expired')
  }
}

export class InvalidSignatureException extends AwsError {
  static twice() {
    return new InvalidSignatureException(
      "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    )
  }

  static mismatch() {
    return new InvalidSignatureException(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    )
  }
}
