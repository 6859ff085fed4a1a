// Parameters on the shapes of IAM and STS as they are read, or refused; and shapes that no operation has.
import * as iam from '@aws-sdk/client-iam'
import * as sts from '@aws-sdk/client-sts'
import type { StaticOperationSchema } from '@smithy/types'
import { expect } from 'vitest'
import { operationSchema } from '../operation-schema.ts'
import { ShapeMismatch } from '../read-json.ts'
import { parameterReader } from '../read-parameters.ts'
import type { Shape, StructureShape } from '../shape.ts'

const readerOf = (schema: StaticOperationSchema) => parameterReader(operationSchema(schema).input)
export const assumeRole = readerOf(sts.AssumeRole$)
export const simulate = readerOf(iam.SimulateCustomPolicy$)
export const acquireRole = readerOf(iam.AcquireRole$)
export const passwordPolicy = readerOf(iam.UpdateAccountPasswordPolicy$)

export type Given = Readonly<Record<string, string>>
export const read = (given: Given, reader = assumeRole) => reader(new Map(Object.entries(given)))

export function refusal(given: Given, reader = assumeRole): string {
  try {
    read(given, reader)
  } catch (error) {
    expect(error).toBeInstanceOf(ShapeMismatch)
    return (error as Error).message
  }
  throw new Error('the parameters were read')
}

/** A structure with one member of this shape, which no operation of IAM or STS has. */
export function one(shape: Shape, xmlName?: string): StructureShape {
  const member = { name: 'Thing', required: false, sensitive: false, shape: () => shape }
  const members = [xmlName === undefined ? member : { ...member, xmlName }]
  return { kind: 'structure', sensitive: false, name: 'One', members }
}
export const text: Shape = { kind: 'string', sensitive: false }
