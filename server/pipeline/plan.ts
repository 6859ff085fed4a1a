// An operation made ready to run: readers, checkers and writers compiled once, when its service starts.
import { type AwsErrorClass, DryRunOperationException } from '../contract/errors.ts'
import type { AnyOperation } from '../contract/operation.ts'
import type { Service } from '../contract/service.ts'
import { checker } from '../schema/limits.ts'
import { type RecordTemplate, recordTemplate } from './steps/record.ts'

export type Plan = {
  readonly service: Service
  readonly operation: AnyOperation
  readonly name: string
  /** Every problem of an input, in AWS's words. */
  readonly problems: (input: Readonly<Record<string, unknown>>) => string[]
  readonly record: RecordTemplate
  /** Whether the operation can be tried without effect. */
  readonly canDryRun: boolean
  readonly errors: ReadonlySet<AwsErrorClass>
}

/** Compiles an operation; throws where it declares what cannot be, such as recording a secret. */
export function plan(service: Service, operation: AnyOperation): Plan {
  const { schema, limits, errors } = operation
  return {
    service,
    operation,
    name: schema.name,
    problems: checker(schema.input, limits),
    record: recordTemplate(service, operation),
    canDryRun: errors.includes(DryRunOperationException),
    errors: new Set(errors),
  }
}
