// JSON → typed value, strictly: a wrong type is refused, unknown members are ignored, null is absent.
import type { Shape, StructureShape } from './shape.ts'

/** The value is not of the shape; the message says what was found where. */
export class ShapeMismatch extends Error {}

type Read = (value: unknown) => unknown

/** A reader of `shape`, compiled once. It makes plain objects with exactly the declared members. */
export function jsonReader(shape: StructureShape): (value: unknown) => Record<string, unknown> {
  const members = shape.members.map((member) => {
    let read: Read | undefined
    return {
      name: member.name,
      read: (value: unknown) => {
        read ??= reader(member.shape())
        return read(value)
      },
    }
  })
  return (value) => {
    if (!isObject(value)) throw mismatch(value, 'a structure')
    const result: Record<string, unknown> = {}
    for (const { name, read } of members) {
      const given = Object.hasOwn(value, name) ? value[name] : undefined
      if (given !== undefined && given !== null) result[name] = read(given)
    }
    return result
  }
}

function reader(shape: Shape): Read {
  switch (shape.kind) {
    case 'structure':
      return jsonReader(shape)
    case 'list': {
      const read = reader(shape.member)
      return (value) => {
        if (!Array.isArray(value)) throw mismatch(value, 'a list')
        return value.map(read)
      }
    }
    case 'map': {
      const read = reader(shape.value)
      return (value) => {
        if (!isObject(value)) throw mismatch(value, 'a map')
        // No prototype: `__proto__` and `constructor` are keys like any other.
        const result: Record<string, unknown> = Object.create(null)
        for (const key of Object.keys(value)) result[key] = read(value[key])
        return result
      }
    }
    case 'blob':
      return readBlob
    case 'timestamp':
      return (value) => {
        if (typeof value !== 'number' || Math.abs(value) > 1e11)
          throw mismatch(value, 'a timestamp')
        // Rounded: 1.001 * 1000 is a little less than 1001, and Date would cut off the rest.
        return new Date(Math.round(value * 1000))
      }
    case 'number':
      return (value) => {
        // JSON has no infinity, but 1e999 is read as one.
        if (!Number.isFinite(value)) throw mismatch(value, 'a number')
        return value
      }
    default: {
      const { kind } = shape
      return (value) => {
        if (typeof value !== kind) throw mismatch(value, `a ${kind}`)
        return value
      }
    }
  }
}

/** Base64 (RFC 4648 §4) with padding and nothing else; node's own decoder would skip what it does not know. */
export function readBlob(value: unknown): Buffer {
  if (typeof value !== 'string') throw mismatch(value, 'a base64 string')
  const bytes = Buffer.from(value, 'base64')
  const padding = value.endsWith('==') ? 2 : value.endsWith('=') ? 1 : 0
  const strict =
    value.length % 4 === 0 &&
    // Only ASCII is as long in UTF-8: of anything beyond Latin-1, node's decoder sees the lower 8 bits.
    Buffer.byteLength(value) === value.length &&
    bytes.length === (value.length / 4) * 3 - padding &&
    !value.includes('-') &&
    !value.includes('_')
  if (!strict) throw new ShapeMismatch('Invalid base64 value')
  return bytes
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function mismatch(value: unknown, expected: string): ShapeMismatch {
  const found = value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value
  return new ShapeMismatch(`Unexpected ${found} found where ${expected} belongs`)
}
