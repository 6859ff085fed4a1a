// Forms: `application/x-www-form-urlencoded`, in a body or a query string, read strictly.
// https://url.spec.whatwg.org/#application/x-www-form-urlencoded
import { isUtf8 } from 'node:buffer'

export type Form = {
  readonly parameters: ReadonlyMap<string, string>
  /** Why the form is not to be believed; what was read before that is in the parameters. */
  readonly problem: string | undefined
}

/** More than any request has. */
const MAX_PARAMETERS = 10_000

const EMPTY = Buffer.alloc(0)

/**
 * Reads a body and a query string as one form. A plus sign is a space in a body alone: what is signed
 * of a query string does not tell `+` and `%2B` apart, so they must not mean different things.
 */
export function readForm(body: Buffer, query: Buffer = EMPTY): Form {
  const parameters = new Map<string, string>()
  for (const bytes of [query, body]) {
    if (!isUtf8(bytes)) return { parameters, problem: NOT_A_FORM }
    const text = bytes.toString('utf8')
    const problem = readInto(parameters, bytes === body ? text.replaceAll('+', ' ') : text)
    if (problem !== undefined) return { parameters, problem }
  }
  return { parameters, problem: undefined }
}

/** Whether the content type is that of forms. */
export function isForm(contentType: string | undefined): boolean {
  return (
    contentType !== undefined && /^application\/x-www-form-urlencoded *(?:;|$)/i.test(contentType)
  )
}

const NOT_A_FORM = 'The request is not a form in UTF-8.'

/** Answers what is wrong with the text, if anything. */
function readInto(parameters: Map<string, string>, text: string): string | undefined {
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('&', from)
    const to = end === -1 ? text.length : end
    const equals = text.slice(from, to).indexOf('=')
    const at = equals === -1 ? to : from + equals
    let name: string
    let value: string
    try {
      name = decoded(text.slice(from, at))
      value = decoded(text.slice(at + 1, to))
    } catch {
      return NOT_A_FORM
    }
    from = to + 1
    if (name === '' && value === '') continue
    // One given twice is refused, since nobody could say which was meant.
    if (parameters.has(name)) return `${name} is given more than once.`
    if (parameters.size >= MAX_PARAMETERS) return 'The request has too many parameters.'
    parameters.set(name, value)
  }
  return undefined
}

/** Throws where a percent sign stands before anything but the bytes of UTF-8. */
function decoded(text: string): string {
  return text.includes('%') ? decodeURIComponent(text) : text
}
