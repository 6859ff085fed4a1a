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
