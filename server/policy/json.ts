// A strict JSON reader for policy documents, after RFC 8259. JSON.parse silently keeps the last of
// two equal names (an Effect given twice), sets `__proto__` aside and rounds numbers; this one
// refuses duplicates, keeps objects as Maps and numbers as their own text, and bounds its depth.
import { member, refuse } from './malformed-policy.ts'

/** A number as it was written: condition values compare it by their operator, never as a double. */
export type JsonNumber = { readonly number: string }
export type JsonObject = ReadonlyMap<string, JsonValue>
export type JsonValue = string | boolean | null | JsonNumber | readonly JsonValue[] | JsonObject

/** A policy nests seven deep at most. */
const MAX_DEPTH = 16

const ESCAPES = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

/** Our own expressions, sticky and without nesting: none is ever made of input. */
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const HEX = /[0-9a-fA-F]{4}/y
const SPACE = /[ \t\n\r]*/y

type Reader = { readonly text: string; at: number }

/** Reads one JSON value that is the whole text, or throws MalformedPolicyError. */
export function readJson(text: string, maxBytes: number): JsonValue {
  // A UTF-16 unit is at least one byte, so the cheap check goes first.
  if (text.length > maxBytes || Buffer.byteLength(text) > maxBytes) {
    refuse('too-large', '', `the document is longer than ${maxBytes} bytes`)
  }
  const reader: Reader = { text, at: 0 }
  const value = readValue(reader, '', 0)
  skipSpace(reader)
  if (reader.at < text.length) unexpected(reader, '')
  return value
}

function readValue(reader: Reader, path: string, depth: number): JsonValue {
  if (depth > MAX_DEPTH) refuse('too-deep', '', `values nest deeper than ${MAX_DEPTH}`)
  skipSpace(reader)
  switch (reader.text[reader.at]) {
    case '{':
      return readObject(reader, path, depth)
    case '[':
      return readArray(reader, path, depth)
    case '"':
      return readString(reader, path)
    case 't':
      return readWord(reader, path, 'true', true)
    case 'f':
      return readWord(reader, path, 'false', false)
    case 'n':
      return readWord(reader, path, 'null', null)
    default: {
      const number = take(reader, NUMBER)
      return number === undefined ? unexpected(reader, path) : { number }
    }
  }
}

function readObject(reader: Reader, path: string, depth: number): JsonObject {
  const members = new Map<string, JsonValue>()
  reader.at++
  if (accept(reader, '}')) return members
  do {
    skipSpace(reader)
    if (reader.text[reader.at] !== '"') unexpected(reader, path)
    const name = readString(reader, path)
    const inside = member(path, name)
    if (members.has(name)) refuse('duplicate-name', inside, 'the name is given twice')
    if (!accept(reader, ':')) unexpected(reader, inside)
    members.set(name, readValue(reader, inside, depth + 1))
  } while (accept(reader, ','))
  if (!accept(reader, '}')) unexpected(reader, path)
  return members
}

function readArray(reader: Reader, path: string, depth: number): readonly JsonValue[] {
  const items: JsonValue[] = []
  reader.at++
  if (accept(reader, ']')) return items
  do items.push(readValue(reader, `${path}[${items.length}]`, depth + 1))
  while (accept(reader, ','))
  if (!accept(reader, ']')) unexpected(reader, path)
  return items
}

function readString(reader: Reader, path: string): string {
  const { text } = reader
  let value = ''
  let start = ++reader.at
  for (;;) {
    const code = text.charCodeAt(reader.at)
    if (code === 0x22) break
    // NaN at the end of the text fails this comparison, and so does a control character.
    if (!(code >= 0x20)) unexpected(reader, path)
    if (code !== 0x5c) {
      reader.at++
      continue
    }
    value += text.slice(start, reader.at++) + readEscape(reader, path)
    start = reader.at
  }
  value += text.slice(start, reader.at++)
  if (!value.isWellFormed()) refuse('lone-surrogate', path, 'a string holds half a character')
  return value
}

function readEscape(reader: Reader, path: string): string {
  const letter = reader.text[reader.at] ?? ''
  const plain = ESCAPES.get(letter)
  if (plain === undefined && letter !== 'u') unexpected(reader, path)
  reader.at++
  if (plain !== undefined) return plain
  const digits = take(reader, HEX) ?? unexpected(reader, path)
  return String.fromCharCode(Number.parseInt(digits, 16))
}

function readWord<T>(reader: Reader, path: string, word: string, value: T): T {
  if (!reader.text.startsWith(word, reader.at)) unexpected(reader, path)
  reader.at += word.length
  return value
}

function accept(reader: Reader, character: string): boolean {
  skipSpace(reader)
  if (reader.text[reader.at] !== character) return false
  reader.at++
  return true
}

function skipSpace(reader: Reader): void {
  take(reader, SPACE)
}

function take(reader: Reader, expression: RegExp): string | undefined {
  expression.lastIndex = reader.at
  const found = expression.exec(reader.text)?.[0]
  reader.at += found?.length ?? 0
  return found
}

function unexpected(reader: Reader, path: string): never {
  const what = reader.at < reader.text.length ? 'unexpected character' : 'unexpected end'
  return refuse('syntax', path, `${what} at position ${reader.at}`)
}
