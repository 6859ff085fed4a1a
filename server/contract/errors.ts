// What a caller may be told. One class per AWS error: the class name is the name on the wire.

/** An answer that is an error. Anything else thrown is a bug and answered as an internal failure. */
export abstract class AwsError extends Error {
  /** HTTP status of the answer; KMS answers 400 for everything that is the caller's fault. */
  readonly status: number = 400
  /** The code in the audit record, where AWS writes another one than on the wire. */
  get recordedCode(): string {
    return this.constructor.name
  }
}

// biome-ignore lint/suspicious/noExplicitAny: every error takes the facts its own message needs.
export type AwsErrorClass = new (...facts: any[]) => AwsError

/** The request does not satisfy the limits of the operation's input; the message lists every problem. */
export class ValidationException extends AwsError {}

/** The body is not of the operation's shape: broken JSON, a number where a string belongs. */
export class SerializationException extends AwsError {}

export class AccessDeniedException extends AwsError {
  override get recordedCode() {
    return 'AccessDenied'
  }
}

export class ThrottlingException extends AwsError {
  constructor(
    message = 'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.',
  ) {
    super(message)
  }
}

/** The call would have succeeded, but was only to be tried. */
export class DryRunOperationException extends AwsError {
  constructor() {
    super('The request would have succeeded, but the DryRun option is set.')
  }
}
