// Every error of IAM that this server throws, with its message in one place.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
import { AwsError, type AwsErrorClass } from '../../contract/errors.ts'
import type { MalformedPolicyError, MalformedReason } from '../../policy/malformed-policy.ts'
import type { EntityKind } from './entities/entity.ts'

/** 404 on the wire: the status of each is the SDK's. */
export class NoSuchEntityException extends AwsError {
  static named(kind: EntityKind, name: string) {
    return new NoSuchEntityException(`The ${kind} with name ${name} cannot be found.`)
  }
  static inline(kind: EntityKind, name: string) {
    return new NoSuchEntityException(`The ${kind} policy with name ${name} cannot be found.`)
  }
  static notInGroup(user: string, group: string) {
    return new NoSuchEntityException(`The user with name ${user} is not in the group ${group}.`)
  }
  static accessKey(id: string) {
    return new NoSuchEntityException(`The Access Key with id ${id} cannot be found.`)
  }
  static policy(arn: string) {
    return new NoSuchEntityException(`Policy ${arn} was not found.`)
  }
  static notAttachable(arn: string) {
    return new NoSuchEntityException(`Policy ${arn} does not exist or is not attachable.`)
  }
  static policyVersion(arn: string, version: string) {
    return new NoSuchEntityException(
      `Policy ${arn} version ${version} does not exist or is not attachable.`,
    )
  }
  static oidcProvider(arn: string) {
    return new NoSuchEntityException(`OpenIDConnect Provider not found for arn ${arn}`)
  }
  static principal(arn: string) {
    return new NoSuchEntityException(`The entity with ARN ${arn} cannot be found.`)
  }
  static boundary(kind: EntityKind, name: string) {
    return new NoSuchEntityException(`The ${kind} ${name} has no permissions boundary.`)
  }
  static deletionTask(id: string) {
    return new NoSuchEntityException(`The deletion task with id ${id} cannot be found.`)
  }
}

export class EntityAlreadyExistsException extends AwsError {
  static oidcProvider(url: string) {
    return new EntityAlreadyExistsException(`Provider with url https://${url} already exists.`)
  }
  static named(kind: EntityKind, name: string) {
    if (kind === 'policy') {
      return new EntityAlreadyExistsException(
        `A policy called ${name} already exists. Duplicate names are not allowed.`,
      )
    }
    const word = kind.charAt(0).toUpperCase() + kind.slice(1)
    return new EntityAlreadyExistsException(`${word} with name ${name} already exists.`)
  }
}

export class DeleteConflictException extends AwsError {
  static must(what: string) {
    return new DeleteConflictException(`Cannot delete entity, must ${what} first.`)
  }
  static attached() {
    return new DeleteConflictException('Cannot delete a policy attached to entities.')
  }
  static versions() {
    return new DeleteConflictException(
      "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
    )
  }
  static defaultVersion() {
    return new DeleteConflictException('Cannot delete the default version of a policy.')
  }
}

export class LimitExceededException extends AwsError {
  static quota(name: string, quota: number) {
    return new LimitExceededException(`Cannot exceed quota for ${name}: ${quota}`)
  }
  static inlineSize(kind: EntityKind, name: string, quota: number) {
    return new LimitExceededException(
      `Maximum policy size of ${quota} bytes exceeded for ${kind} ${name}`,
    )
  }
  static versions(quota: number) {
    return new LimitExceededException(
      `A managed policy can have up to ${quota} versions. Before you create a new version, you must delete an existing version.`,
    )
  }
  static tags() {
    return new LimitExceededException(
      'The number of tags has reached the maximum limit for this resource.',
    )
  }
}

export class InvalidInputException extends AwsError {
  static duplicateTags() {
    return new InvalidInputException(
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    )
  }
  static reservedTag(key: string) {
    return new InvalidInputException(
      `Tag key ${key} is reserved: keys that begin with aws: are for AWS's own use.`,
    )
  }
  static thumbprints() {
    return new InvalidInputException('Thumbprint list must contain fewer than 5 entries.')
  }
  static thumbprint(text: string) {
    return new InvalidInputException(`Thumbprint ${text} is not 40 hexadecimal digits.`)
  }
  static arn(arn: string) {
    return new InvalidInputException(`ARN ${arn} is not valid.`)
  }
  static reservedPath(path: string) {
    return new InvalidInputException(
      `Path ${path} is reserved: roles below /aws-service-role/ are made with CreateServiceLinkedRole.`,
    )
  }
  static service(name: string) {
    return new InvalidInputException(
      `Service Linked Role is not supported for the service ${name}.`,
    )
  }
  static action(name: string) {
    return new InvalidInputException(`Invalid Service Action: ${name}`)
  }
  static document(name: string, detail: string) {
    return new InvalidInputException(`${name} is no policy: ${detail}`)
  }
  static callerNeeded() {
    return new InvalidInputException('CallerArn is required when ResourcePolicy is given.')
  }
  static notSupported(member: string) {
    return new InvalidInputException(`${member} is not supported by this server.`)
  }
  static tooMuchToSimulate() {
    return new InvalidInputException(
      'The policies are too long for so many decisions in one call: ask for fewer actions or resources, or set MaxItems.',
    )
  }
  static suffix(service: string) {
    return new InvalidInputException(`Custom suffix is not allowed for ${service}`)
  }
  static linkedRoleTaken(name: string) {
    return new InvalidInputException(
      `Service role name ${name} has been taken in this account, please try a different suffix.`,
    )
  }
}

export class UnmodifiableEntityException extends AwsError {
  static role(name: string) {
    return new UnmodifiableEntityException(
      `Cannot perform the operation on the protected role '${name}' - this role is only modifiable by AWS`,
    )
  }
}

export class PolicyNotAttachableException extends AwsError {
  static linkedService(arn: string) {
    return new PolicyNotAttachableException(
      `Cannot attach a Service Role Policy to a Customer Role: ${arn}`,
    )
  }
}

export class MalformedPolicyDocumentException extends AwsError {
  /** AWS's words where they are known; where they are not, what is wrong and where. */
  static of({ reason, message }: MalformedPolicyError) {
    return new MalformedPolicyDocumentException(AWS_WORDS[reason] ?? message)
  }
}

const AWS_WORDS: Readonly<Partial<Record<MalformedReason, string>>> = {
  syntax: 'Syntax errors in policy.',
  'wrong-type': 'Syntax errors in policy.',
  'duplicate-name': 'Syntax errors in policy.',
  'lone-surrogate': 'Syntax errors in policy.',
  'too-deep': 'Syntax errors in policy.',
  'unknown-element': 'Syntax errors in policy.',
  empty: 'Syntax errors in policy.',
  'invalid-sid':
    'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
  'duplicate-sid': 'Statement IDs (SID) in a single policy must be unique.',
}

/** The answer to a bug, or to a store or trail that does not answer. */
export class ServiceFailureException extends AwsError {
  override readonly status: number = 500
  constructor() {
    super('The request processing has failed because of an unknown error, exception or failure.')
  }
}

/** What a change of anything may meet. */
export const CHANGE_ERRORS: readonly AwsErrorClass[] = [
  NoSuchEntityException,
  LimitExceededException,
  InvalidInputException,
  UnmodifiableEntityException,
]
