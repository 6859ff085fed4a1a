// What the gateway itself refuses.
import { AwsError } from '../contract/errors.ts'

/** No service of this server has such an operation. */
export class UnknownOperationException extends AwsError {
  constructor(message = 'The requested operation is not one that this server offers.') {
    super(message)
  }
}

/** A form that does not say what is to be done. */
export class MissingActionException extends AwsError {
  constructor() {
    super('The request is missing an action or a required parameter.')
  }
}

/** The body is larger than any request of the service can be. */
export class RequestEntityTooLargeException extends AwsError {
  override readonly status: number = 413
  constructor(maxBytes: number) {
    super(`The request body is larger than ${maxBytes} bytes.`)
  }
}

/** More headers than any client has reason to send. */
export class RequestHeaderFieldsTooLargeException extends AwsError {
  override readonly status: number = 431
  constructor() {
    super('The request has too many headers.')
  }
}

/** This process cannot know that it is current, or is going down: ask again, or ask another. */
export class ServiceUnavailableException extends AwsError {
  override readonly status: number = 503
  constructor() {
    super('The service is not available at the moment. Try again.')
  }
}
