// Form parameters → typed value, strictly: `Tags.member.1.Key=a` is a list of structures. What names no
// member of a structure is ignored; a wrong type, numbering with gaps or two forms at once are refused.
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#request-serialization
import { readBlob, ShapeMismatch } from './read-json.ts'
import type { Shape, StructureShape } from './shape.ts'

/** What a parameter's name says below the value that is read; nothing where it names just that value. */
type Parameter = { readonly path: string | undefined; readonly text: string }

type Read = (given: readonly Parameter[]) => unknown

/** A reader of `shape`, compiled once. Its work is bounded by the length of names and values. */
export function parameterReader(
  shape: StructureShape,
): (parameters: ReadonlyMap<string, string>) => Record<string, unknown> {
  const read = structureReader(shape)
  return (parameters) => read([...parameters].map(([path, text]) => ({ path, text })))
}

function structureReader(shape: StructureShape) {
  const members = shape.members.map(({ name, xmlName = name, shape }) => {
    let read: Read | undefined
    return {
      name,
      xmlName,
      read: (given: readonly Parameter[]) => {
        read ??= reader(shape())
        return read(given)
      },
    }
  })
  return (parameters: readonly Parameter[]) => {
    const groups = grouped(parameters, 'a structure')
    const result: Record<string, unknown> = {}
    for (const { name, xmlName, read } of members) {
      const given = groups.get(xmlName)
      if (given !== undefined) result[name] = read(given)
    }
    return result
  }
}

function reader(shape: Shape): Read {
  switch (shape.kind) {
    case 'structure':
      return structureReader(shape)
    case 'list':
      return listReader(shape)
    case 'map':
      return mapReader(shape)
    case 'blob':
      return (given) => readBlob(only(given, 'a base64 string'))
    case 'timestamp':
      return (given) => readTimestamp(only(given, 'a timestamp'))
    case 'number':
      return (given) => readWhole(only(given, 'a number'))
    case 'boolean':
      return (given) => readBoolean(only(given, 'a boolean'))
    case 'string':
      return (given) => only(given, 'a string')
  }
}

function listReader({ member, flattened, memberName = 'member' }: Shape & { kind: 'list' }): Read {
  const read = reader(member)
  const prefix = flattened ? undefined : memberName
  return (given) => (isEmpty(given) ? [] : numbered(given, prefix, 'a list').map(read))
}

function mapReader(shape: Shape & { kind: 'map' }): Read {
  const { value, flattened, keyName = 'key', valueName = 'value' } = shape
  const read = reader(value)
  return (given) => {
    // No prototype: `__proto__` and `constructor` are keys like any other.
    const result: Record<string, unknown> = Object.create(null)
    if (isEmpty(given)) return result
    for (const entry of numbered(given, flattened ? undefined : 'entry', 'a map')) {
      const parts = grouped(entry, 'an entry of a map')
      const key = parts.get(keyName)
      const values = parts.get(valueName)
      if (key === undefined || values === undefined) {
        throw new ShapeMismatch('An entry of a map needs a key and a value')
      }
      const name = only(key, 'a string')
      if (Object.hasOwn(result, name)) throw new ShapeMismatch('A key stands twice in a map')
      result[name] = read(values)
    }
    return result
  }
}

/** `Tags=` is how clients say that a list is there and empty. */
function isEmpty(given: readonly Parameter[]): boolean {
  return given.length === 1 && given[0]?.path === undefined && given[0]?.text === ''
}

/** The parameters by the next part of their names; `expected` says what has such parts. */
function grouped(given: readonly Parameter[], expected: string): Map<string, Parameter[]> {
  const groups = new Map<string, Parameter[]>()
  for (const { path, text } of given) {
    if (path === undefined) throw mismatch('string', expected)
    const dot = path.indexOf('.')
    const part = dot === -1 ? path : path.slice(0, dot)
    const rest = { path: dot === -1 ? undefined : path.slice(dot + 1), text }
    const group = groups.get(part)
    if (group === undefined) groups.set(part, [rest])
    else group.push(rest)
  }
  return groups
}

/** The entries in order, numbered from 1 without a gap: so no number is larger than what was sent. */
function numbered(
  given: readonly Parameter[],
  prefix: string | undefined,
  expected: string,
): Parameter[][] {
  let entries = given
  if (prefix !== undefined) {
    const forms = grouped(given, expected)
    const inside = forms.get(prefix)
    if (inside === undefined || forms.size > 1) throw mismatch('structure', expected)
    entries = inside
  }
  const groups = grouped(entries, expected)
  return Array.from({ length: groups.size }, (_, index) => {
    const group = groups.get(String(index + 1))
    if (group === undefined) {
      throw new ShapeMismatch(`The entries of ${expected} must be numbered from 1 without a gap`)
    }
    return group
  })
}

/** The text of a value that has no parts. */
function only(given: readonly Parameter[], expected: string): string {
  const [first] = given
  if (first === undefined || given.length > 1 || first.path !== undefined) {
    throw mismatch('structure', expected)
  }
  return first.text
}

/** The words of xsd:boolean. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

function readBoolean(text: string): boolean {
  const value = BOOLEANS.get(text)
  if (value === undefined) throw new ShapeMismatch('boolean must follow xsd1.1 definition')
  return value
}

/** The services of this protocol have whole numbers only. */
function readWhole(text: string): number {
  const value = /^[+-]?\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(value)) throw new ShapeMismatch('Expected an integer')
  // Never −0.
  return value + 0
}

/** ISO 8601 as RFC 3339 has it, the offset included. */
function readTimestamp(text: string): Date {
  const [, day] =
    /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.exec(text) ?? []
  const midnight = new Date(`${day}T00:00:00Z`)
  const time = new Date(text)
  // Date reads the 30th of February as a day in March.
  const isDay = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(`${day}T`)
  if (!isDay || Number.isNaN(time.getTime())) {
    throw new ShapeMismatch('Timestamp must be in ISO 8601 format')
  }
  return time
}

function mismatch(found: string, expected: string): ShapeMismatch {
  return new ShapeMismatch(`Unexpected ${found} found where ${expected} belongs`)
}
