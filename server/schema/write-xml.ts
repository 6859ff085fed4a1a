// Typed value → XML, by shape: blobs as base64, timestamps as ISO 8601, absent members left out.
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#xml-shape-serialization
import type { Shape, StructureShape } from './shape.ts'

/** Writes a value as the elements that stand for it, each with this name. */
type Write = (name: string, value: never) => string

/** A writer of the members of `shape`, compiled once; the element around them is the caller's. */
export function xmlWriter(shape: StructureShape): (value: object) => string {
  const members = shape.members.map(({ name, xmlName = name, shape }) => {
    let write: Write | undefined
    return {
      name,
      write: (value: never) => {
        write ??= writer(shape())
        return write(xmlName, value)
      },
    }
  })
  return (value) => {
    let text = ''
    for (const { name, write } of members) {
      const given = (value as Record<string, never>)[name]
      if (given !== undefined && given !== null) text += write(given)
    }
    return text
  }
}

function writer(shape: Shape): Write {
  switch (shape.kind) {
    case 'structure': {
      const write = xmlWriter(shape)
      return (name, value) => element(name, write(value))
    }
    case 'list': {
      const write = writer(shape.member)
      const { flattened, memberName = 'member' } = shape
      return (name, values: never[]) =>
        flattened
          ? values.map((value) => write(name, value)).join('')
          : element(name, values.map((value) => write(memberName, value)).join(''))
    }
    case 'map': {
      const write = writer(shape.value)
      const { flattened, keyName = 'key', valueName = 'value' } = shape
      return (name, map: Record<string, never>) => {
        const entries = Object.keys(map).map((key) =>
          element(
            flattened ? name : 'entry',
            element(keyName, escaped(key)) + write(valueName, map[key] as never),
          ),
        )
        return flattened ? entries.join('') : element(name, entries.join(''))
      }
    }
    case 'blob':
      return (name, value: Uint8Array) => element(name, base64(value))
    case 'timestamp':
      return (name, value: Date) => element(name, value.toISOString().replace('.000Z', 'Z'))
    case 'string':
      return (name, value: string) => element(name, escaped(value))
    default:
      return (name, value: boolean | number) => element(name, String(value))
  }
}

/** An element around content that is XML already. */
export function element(name: string, content: string): string {
  return content === '' ? `<${name}/>` : `<${name}>${content}</${name}>`
}

/** Text as XML has it: what is markup, and what a parser would change, becomes a reference. */
export function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(NOT_XML, '\ufffd')
    .replace(MARKUP, (character) => `&${ENTITIES.get(character) ?? numeric(character)};`)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: what XML 1.0 §2.2 does not have, not even escaped.
const NOT_XML = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g

/** Line ends are among them: XML 1.0 §2.11 makes one of several. */
const MARKUP = /[&<>"'\r\n\x85\u2028]/g

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', 'amp'],
  ['<', 'lt'],
  ['>', 'gt'],
  ['"', 'quot'],
  ["'", 'apos'],
])

function numeric(character: string): string {
  return `#x${character.charCodeAt(0).toString(16).toUpperCase()}`
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
