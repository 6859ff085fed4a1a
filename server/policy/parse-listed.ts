// Action, NotAction, Resource and NotResource: lists of names with wildcards.
// After: IAM User Guide, "IAM JSON policy elements: Action", "NotAction", "Resource", "NotResource".
import { splitInSix } from './arn.ts'
import type { JsonObject, JsonValue } from './json.ts'
import { member, refuse } from './malformed-policy.ts'
import { readPattern } from './pattern.ts'
import type { Listed } from './policy-document.ts'
import type { Grammar } from './policy-kinds.ts'

/** `*`, or a service and a name: `kms:Get*`. The service is exact, or `*` alone. */
const ACTION = /^(?:\*|(?:\*|[a-zA-Z0-9-]+):[a-zA-Z0-9_*?-]+)$/

/** Reads the element or its Not… form: exactly one of them, as the grammar has it. */
export function parseListed(
  statement: JsonObject,
  name: 'Action' | 'Resource',
  need: Grammar['resource'],
  path: string,
  variables: boolean,
): Listed | undefined {
  const not = statement.has(`Not${name}`)
  const element = not ? `Not${name}` : name
  const inside = member(path, element)
  if (not && statement.has(name)) {
    refuse('conflicting-elements', inside, `a statement has ${name} or Not${name}, not both`)
  }
  const value = statement.get(element)
  if (value === undefined) {
    if (need !== 'required') return undefined
    return refuse('missing-element', path, `a statement needs ${name} or Not${name}`)
  }
  if (need === 'forbidden') refuse('forbidden-element', inside, `this policy has no ${element}`)
  const values = readStrings(value, inside)
  if (values.length === 0) refuse('empty', inside, 'at least one value is needed')
  for (const text of values) {
    if (name === 'Action') checkAction(text, inside)
    else checkResource(text, inside, variables)
  }
  return { not, values }
}

function checkAction(text: string, path: string): void {
  if (!ACTION.test(text)) refuse('invalid-action', path, 'an action reads service:Name')
}

function checkResource(text: string, path: string, variables: boolean): void {
  if (text === '*') return
  const parts = splitInSix(text)
  if (parts?.[0] !== 'arn') refuse('invalid-resource', path, 'a resource is an ARN or *')
  if (!variables) return
  // AWS replaces variables after the fifth colon only. Before it they would be literal text, which
  // under NotResource would open everything.
  if (parts.slice(0, 5).some((part) => part.includes('${'))) {
    refuse('invalid-variable', path, 'variables stand in the last part of an ARN only')
  }
  if (readPattern(parts[5], true) === undefined) {
    refuse('invalid-variable', path, 'a policy variable is malformed')
  }
}

/** A string, or an array of strings. */
export function readStrings(value: JsonValue, path: string): readonly string[] {
  const values = Array.isArray(value) ? (value as readonly JsonValue[]) : [value]
  return values.map((item) =>
    typeof item === 'string' ? item : refuse('wrong-type', path, 'a string is expected'),
  )
}
