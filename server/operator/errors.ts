// What an operator may be told; each message says what to do next.
import { AwsError } from '../contract/errors.ts'

export class AccountExistsException extends AwsError {
  constructor(account: string) {
    super(`There is an account ${account} already: choose another number, or leave it out.`)
  }
}

export class NoSuchAccountException extends AwsError {
  constructor(account: string) {
    super(`There is no account ${account}. List what there is with: keyhold account list`)
  }
}

export class NoSuchRegionException extends AwsError {
  constructor(region: string) {
    super(`There are no domain keys in ${region}: the server never offered it.`)
  }
}

/** The backup was not made, and nothing of it was left; the message says what to do. */
export class BackupFailedException extends AwsError {}

/** The server is sealed: it has no root key, so it can neither do nor record anything else. */
export class SealedException extends AwsError {
  override readonly status: number = 503
  constructor() {
    super('The server is sealed. Unseal it with: keyhold unseal')
  }
}

/** What was offered does not unseal; the message says what to do. */
export class UnsealFailedException extends AwsError {}

export class InvalidSealException extends AwsError {}

/** The root key was not rotated, and nothing was changed; the message says what to do. */
export class RootKeyNotRotatedException extends AwsError {}

export class NoSuchPrincipalException extends AwsError {
  constructor(arn: string) {
    super(
      `${arn} is no user, role or root user here. Give its ARN, such as arn:aws:iam::111122223333:role/app; of a session, its role.`,
    )
  }
}

/** What cannot be taken back silently is said twice. */
export class NotConfirmedException extends AwsError {
  constructor() {
    super('This replaces the policy of the key. Confirm it with: --confirm')
  }
}

export class ManagedKeyException extends AwsError {
  constructor(arn: string) {
    super(
      `${arn} is a key that AWS manages: its key policy is fixed, and nobody has to recover it.`,
    )
  }
}

export class NoSuchKeyException extends AwsError {
  constructor(arn: string) {
    super(
      `There is no key ${arn}. Give the ARN of a key or an alias, such as arn:aws:kms:us-east-1:111122223333:alias/app.`,
    )
  }
}
