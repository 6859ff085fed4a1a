// The shape of a value, read once from the AWS SDK's runtime schema (Smithy) and then walked plainly.
import { NormalizedSchema } from '@smithy/core/schema'
import type { SchemaRef } from '@smithy/types'

export type Shape = { readonly sensitive: boolean } & (
  | { readonly kind: 'string' | 'boolean' | 'number' | 'timestamp' | 'blob' }
  | { readonly kind: 'list'; readonly member: Shape }
  | { readonly kind: 'map'; readonly value: Shape }
  | StructureShape
)

export type StructureShape = {
  readonly kind: 'structure'
  readonly sensitive: boolean
  readonly name: string
  readonly members: readonly Member[]
}

export type Member = {
  readonly name: string
  readonly required: boolean
  readonly sensitive: boolean
  /** Read late, because shapes may contain themselves. */
  readonly shape: () => Shape
}

/** The structure that `schema` describes; a unit schema is a structure without members. */
export function structureShape(schema: SchemaRef): StructureShape {
  const shape = shapeOf(NormalizedSchema.of(schema))
  if (shape.kind !== 'structure') throw new Error(`${shape.kind} found where a structure belongs`)
  return shape
}

function shapeOf(schema: NormalizedSchema): Shape {
  const sensitive = Boolean(schema.getMergedTraits().sensitive)
  if (schema.isUnitSchema()) return { kind: 'structure', sensitive, name: 'Unit', members: [] }
  if (schema.isStructSchema()) return structure(schema, sensitive)
  if (schema.isListSchema()) {
    return { kind: 'list', sensitive, member: shapeOf(schema.getValueSchema()) }
  }
  if (schema.isMapSchema()) {
    return { kind: 'map', sensitive, value: shapeOf(schema.getValueSchema()) }
  }
  if (schema.isBlobSchema()) return { kind: 'blob', sensitive }
  if (schema.isTimestampSchema()) return { kind: 'timestamp', sensitive }
  if (schema.isBooleanSchema()) return { kind: 'boolean', sensitive }
  if (schema.isNumericSchema()) return { kind: 'number', sensitive }
  if (schema.isStringSchema()) return { kind: 'string', sensitive }
  throw new Error(`no reader for the schema ${schema.getName(true)}`)
}

function structure(schema: NormalizedSchema, sensitive: boolean): StructureShape {
  const requiredCount = requiredMembers(schema)
  const members = [...schema.structIterator()].map(([name, member], index): Member => {
    let shape: Shape | undefined
    return {
      name,
      required: index < requiredCount,
      sensitive: Boolean(member.getMergedTraits().sensitive),
      shape: () => {
        shape ??= shapeOf(member)
        return shape
      },
    }
  })
  return { kind: 'structure', sensitive, name: schema.getName() ?? 'Structure', members }
}

/** In a static structure schema the required members stand first and the seventh entry counts them. */
function requiredMembers(schema: NormalizedSchema): number {
  const raw: unknown = schema.getSchema()
  const count = Array.isArray(raw) ? raw[6] : (raw as { required?: unknown }).required
  return typeof count === 'number' ? count : 0
}
