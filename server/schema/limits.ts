// Limits of an operation's input and AWS's own words for what exceeds them. The SDK's schemas know
// none of them; the values come from the API reference of each service.
import { ShapeMismatch } from './read-json.ts'
import type { StructureShape } from './shape.ts'

/** The input once checked: required members are there. */
export type Checked<T> = {
  [K in keyof T]: object extends Pick<T, K> ? T[K] : Exclude<T[K], undefined>
}

/** What a value must satisfy; `explain` gives AWS's sentences for what it does not. */
export type Limit = {
  explain(value: unknown): readonly string[]
  /** All that it could say: what an entry of a list must satisfy is told as a whole. */
  readonly sentences: readonly string[]
  /** Limits on the members of the structure that the value is, or of each in the list that it is. */
  readonly structures?: Readonly<Record<string, Limit>>
}

export type Limits<Input> = { readonly [K in keyof Input]?: Limit }

const NONE: readonly string[] = []

/** Length in characters, bytes or entries. */
export function length(min: number, max: number): Limit {
  const tooLong = `Member must have length less than or equal to ${max}`
  const tooShort = `Member must have length greater than or equal to ${min}`
  return {
    sentences: [tooLong, tooShort],
    explain(value) {
      const size = sizeOf(value)
      if (size > max) return [tooLong]
      if (size < min) return [tooShort]
      return NONE
    },
  }
}

/** A whole number between `min` and `max`. */
export function range(min: number, max: number): Limit {
  const tooLarge = `Member must have value less than or equal to ${max}`
  const tooSmall = `Member must have value greater than or equal to ${min}`
  return {
    sentences: [tooLarge, tooSmall],
    explain(value) {
      const number = value as number
      if (!Number.isInteger(number)) throw new ShapeMismatch('Expected an integer')
      if (number > max) return [tooLarge]
      if (number < min) return [tooSmall]
      return NONE
    },
  }
}

/** One of the words of an enumeration. */
export function oneOf(words: Readonly<Record<string, string>>): Limit {
  const set = new Set(Object.values(words))
  const sentence = `Member must satisfy enum value set: [${[...set].join(', ')}]`
  return {
    sentences: [sentence],
    explain: (value) => (set.has(value as string) ? NONE : [sentence]),
  }
}

/**
 * A pattern of fixed cost per character; write no nested or ambiguous repetition. It holds the whole
 * value: `wording` is what AWS calls it where that is not the expression itself.
 */
export function pattern(expression: RegExp, wording = expression.source): Limit {
  const sentence = `Member must satisfy regular expression pattern: ${wording}`
  return {
    sentences: [sentence],
    explain: (value) => (expression.test(value as string) ? NONE : [sentence]),
  }
}

/** All of several limits; the later ones are asked only where the earlier hold. */
export function all(...limits: readonly Limit[]): Limit {
  return {
    sentences: limits.flatMap(({ sentences }) => sentences),
    explain(value) {
      for (const limit of limits) {
        const found = limit.explain(value)
        if (found.length > 0) return found
      }
      return NONE
    },
  }
}

/** A limit on each entry of a list, or on each value of a map. */
export function each(limit: Limit): Limit {
  const sentence = `Member must satisfy constraint: [${limit.sentences.join(', ')}]`
  return {
    sentences: [sentence],
    explain(value) {
      for (const entry of Object.values(value as object)) {
        if (limit.explain(entry).length > 0) return [sentence]
      }
      return NONE
    },
  }
}

/**
 * Limits on the members of a structure, or of each in a list; told by place: `credential.accessKeyId`,
 * `tags.2.member.tagKey`.
 */
export function structures(limits: Readonly<Record<string, Limit>>): Limit {
  return { sentences: NONE, explain: () => NONE, structures: limits }
}

/** A check of the whole input, compiled once: returns every problem as AWS words it. */
export function checker(
  shape: StructureShape,
  limits: Readonly<Record<string, Limit | undefined>>,
): (value: Readonly<Record<string, unknown>>, place?: string) => string[] {
  for (const name of Object.keys(limits)) {
    if (!shape.members.some((member) => member.name === name)) {
      throw new Error(`${shape.name} has no member ${name} to limit`)
    }
  }
  const checks = shape.members
    .map((member) => ({
      ...member,
      label: lowerFirst(member.name),
      limit: limits[member.name],
      checkEach: structureChecker(member, limits[member.name]),
    }))
    .filter((member) => member.required || member.limit !== undefined)
  return (value, place = '') => {
    const problems: string[] = []
    for (const { name, label, required, sensitive, shape, limit, checkEach } of checks) {
      const given = value[name]
      if (given === undefined) {
        if (required) problems.push(problem('null ', place + label, 'Member must not be null'))
        continue
      }
      if (limit === undefined) continue
      if (checkEach !== undefined) problems.push(...checkEach(given as never, place + label))
      for (const sentence of limit.explain(given)) {
        const hidden = sensitive || shape().kind === 'blob'
        problems.push(problem(hidden ? '' : `'${display(given)}' `, place + label, sentence))
      }
    }
    return problems
  }
}

function structureChecker(member: StructureShape['members'][number], limit: Limit | undefined) {
  if (limit?.structures === undefined) return undefined
  const list = member.shape()
  if (list.kind === 'structure') {
    const check = checker(list, limit.structures)
    return (value: Readonly<Record<string, unknown>>, name: string) => check(value, `${name}.`)
  }
  if (list.kind !== 'list' || list.member.kind !== 'structure') {
    throw new Error(`${member.name} is neither a structure nor a list of such`)
  }
  const check = checker(list.member, limit.structures)
  return (entries: readonly Readonly<Record<string, unknown>>[], name: string) =>
    entries.flatMap((entry, index) => check(entry, `${name}.${index + 1}.member.`))
}

/** The message of a ValidationException for these problems. */
export function validationMessage(problems: readonly string[]): string {
  const count =
    problems.length === 1 ? '1 validation error' : `${problems.length} validation errors`
  return `${count} detected: ${problems.join('; ')}`
}

function problem(value: string, name: string, sentence: string): string {
  return `Value ${value}at '${name}' failed to satisfy constraint: ${sentence}`
}

/** Member names begin in lower case in messages and records. */
export function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}

function display(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(display).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = Object.entries(value).map(([key, entry]) => `${key}=${display(entry)}`)
  return `{${entries.join(', ')}}`
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) {
    return value.length
  }
  return Object.keys(value as object).length
}
