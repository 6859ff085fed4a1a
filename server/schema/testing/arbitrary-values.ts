// Random values of a shape, for property tests.
import fc from 'fast-check'
import type { Shape, StructureShape } from '../shape.ts'

const MAX_DEPTH = 5
const LAST_YEAR_MS = Date.UTC(2999, 0)

/** Any values of the members; required ones are always there, the others now and then. */
export function arbitraryStructure(
  shape: StructureShape,
  depth = 0,
): fc.Arbitrary<Record<string, unknown>> {
  const members = shape.members.filter(() => depth < MAX_DEPTH)
  return fc.record(
    Object.fromEntries(
      members.map((member) => [member.name, arbitraryValue(member.shape(), depth + 1)]),
    ),
    { requiredKeys: members.filter(({ required }) => required).map(({ name }) => name) },
  )
}

function arbitraryValue(shape: Shape, depth: number): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'structure':
      return arbitraryStructure(shape, depth)
    case 'list':
      return fc.array(arbitraryValue(shape.member, depth), { maxLength: 4 })
    case 'map':
      return fc.dictionary(text, arbitraryValue(shape.value, depth), { maxKeys: 4 })
    case 'blob':
      return fc.uint8Array({ maxLength: 100 })
    case 'timestamp':
      return fc.integer({ min: -LAST_YEAR_MS, max: LAST_YEAR_MS }).map((ms) => new Date(ms))
    case 'boolean':
      return fc.boolean()
    case 'number':
      return fc.integer()
    case 'string':
      return text
  }
}

/** Well-formed text of any characters; `__proto__` is left out because the SDK's codec loses it. */
const text = fc.string({ unit: 'binary', maxLength: 12 }).filter((value) => value !== '__proto__')

/** The same value with plain objects, and bytes and times as text, so that equal means equal. */
export function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  if (value instanceof Date) return `time ${value.getTime()}`
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== undefined)
      .map(([name, entry]) => [name, comparable(entry)]),
  )
}
