// Typed value → JSON text, by shape: blobs as base64, timestamps as epoch seconds, absent members left out.
import type { Shape, StructureShape } from './shape.ts'

type Write = (value: never) => string

/** A writer of `shape`, compiled once; text is built by concatenation because that is what is fast here. */
export function jsonWriter(shape: StructureShape): (value: object) => string {
  const members = shape.members.map((member) => {
    let write: Write | undefined
    return {
      name: member.name,
      prefix: `${JSON.stringify(member.name)}:`,
      write: (value: never) => {
        write ??= writer(member.shape())
        return write(value)
      },
    }
  })
  return (value) => {
    let text = ''
    for (const { name, prefix, write } of members) {
      const given = (value as Record<string, never>)[name]
      if (given === undefined || given === null) continue
      text += (text === '' ? '{' : ',') + prefix + write(given)
    }
    return text === '' ? '{}' : `${text}}`
  }
}

function writer(shape: Shape): Write {
  switch (shape.kind) {
    case 'structure':
      return jsonWriter(shape) as Write
    case 'list': {
      const write = writer(shape.member)
      return (value: never[]) => `[${value.map(write).join(',')}]`
    }
    case 'map': {
      const write = writer(shape.value)
      return (value: Record<string, never>) =>
        `{${Object.keys(value)
          .map((key) => `${JSON.stringify(key)}:${write(value[key] as never)}`)
          .join(',')}}`
    }
    case 'blob':
      return (value: Uint8Array) => `"${asBuffer(value).toString('base64')}"`
    case 'timestamp':
      return (value: Date) => String(value.getTime() / 1000)
    case 'string':
      return (value: string) => JSON.stringify(value)
    default:
      return (value: boolean | number) => String(value)
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
