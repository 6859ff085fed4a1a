// The shape of a value, read once from the AWS SDK's runtime schema (Smithy) and then walked plainly.
import { NormalizedSchema } from '@smithy/core/schema'
import type { SchemaRef } from '@smithy/types'

export type Shape = { readonly sensitive: boolean } & (
  | { readonly kind: 'string' | 'boolean' | 'number' | 'timestamp' | 'blob' }
  | {
      readonly kind: 'list'
      readonly member: Shape
      readonly flattened?: boolean
      /** What an entry is called in XML and in forms, where that is not `member`. */
      readonly memberName?: string
    }
  | {
      readonly kind: 'map'
      readonly value: Shape
      readonly flattened?: boolean
      /** What key and value are called there, where that is not `key` and `value`. */
      readonly keyName?: string
      readonly valueName?: string
    }
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
  /** What it is called in XML and in forms, where that is another name. */
  readonly xmlName?: string
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
    const member = schema.getValueSchema()
    return {
      kind: 'list',
      sensitive,
      member: shapeOf(member),
      ...flattened(schema),
      ...named('memberName', member),
    }
  }
  if (schema.isMapSchema()) {
    const value = schema.getValueSchema()
    return {
      kind: 'map',
      sensitive,
      value: shapeOf(value),
      ...flattened(schema),
      ...named('keyName', schema.getKeySchema()),
      ...named('valueName', value),
    }
  }
  if (schema.isBlobSchema()) return { kind: 'blob', sensitive }
  if (schema.isTimestampSchema()) return { kind: 'timestamp', sensitive }
  if (schema.isBooleanSchema()) return { kind: 'boolean', sensitive }
  if (schema.isNumericSchema()) return { kind: 'number', sensitive }
  if (schema.isStringSchema()) return { kind: 'string', sensitive }
  throw new Error(`no reader for the schema ${schema.getName(true)}`)
}

function flattened(schema: NormalizedSchema): { flattened?: true } {
  return schema.getMergedTraits().xmlFlattened ? { flattened: true } : {}
}

/** The name of a member by its own xmlName trait; one of the shape behind it is for documents. */
function named<Field extends string>(
  field: Field,
  schema: NormalizedSchema,
): { [Name in Field]?: string } {
  const { xmlName } = schema.getMemberTraits()
  return (xmlName === undefined ? {} : { [field]: xmlName }) as { [Name in Field]?: string }
}

function structure(schema: NormalizedSchema, sensitive: boolean): StructureShape {
  const requiredCount = requiredMembers(schema)
  const members = [...schema.structIterator()].map(([name, member], index): Member => {
    let shape: Shape | undefined
    return {
      name,
      ...named('xmlName', member),
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
