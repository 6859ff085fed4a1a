// Shapes of our own operations, which no SDK describes: flat structures, written down in one line.
import type { OperationSchema } from './operation-schema.ts'
import type { Shape, StructureShape } from './shape.ts'

type Kind = 'string' | 'boolean' | 'number' | 'strings' | 'objects'

/** `!` marks a required member, `?` an optional one; `secret` one that is never recorded. */
export type MemberText = `${Kind}${'!' | '?'}${'' | ' secret'}`

/** The schema of an operation of our own. */
export function ownSchema<Input, Output>(
  name: string,
  input: Readonly<Record<keyof Input & string, MemberText>>,
  output: Readonly<Record<keyof Output & string, MemberText>>,
): OperationSchema<Input, Output> {
  return {
    name,
    input: structure(`${name}Request`, input),
    output: structure(`${name}Response`, output),
  }
}

function structure(name: string, texts: Readonly<Record<string, MemberText>>): StructureShape {
  const members = Object.entries(texts).map(([member, text]) => {
    const [, kind, mark] = /^([a-z]+)([!?])/.exec(text) as unknown as [string, Kind, string]
    const sensitive = text.endsWith(' secret')
    return {
      name: member,
      required: mark === '!',
      sensitive,
      shape: () => shapeOf(kind, sensitive),
    }
  })
  return { kind: 'structure', sensitive: false, name, members }
}

function shapeOf(kind: Kind, sensitive: boolean): Shape {
  if (kind === 'strings') {
    return { kind: 'list', sensitive, member: { kind: 'string', sensitive } }
  }
  if (kind === 'objects') {
    const value: Shape = { kind: 'string', sensitive }
    return { kind: 'list', sensitive, member: { kind: 'map', sensitive, value } }
  }
  return { kind, sensitive }
}
