// The Condition element: operators, keys and values.
// After: IAM User Guide, "IAM JSON policy elements: Condition".
import type { OperatorUse } from './conditions/operators.ts'
import { findOperator, readOperator } from './conditions/operators.ts'
import { foldName } from './context.ts'
import type { JsonObject, JsonValue } from './json.ts'
import { member, refuse } from './malformed-policy.ts'
import { hasVariables, readPattern } from './pattern.ts'
import type { Condition } from './policy-document.ts'
import type { Grammar } from './policy-kinds.ts'

/** Reads all conditions of a statement; all of them must hold. */
export function parseConditions(
  value: JsonValue | undefined,
  path: string,
  grammar: Grammar,
  variables: boolean,
): readonly Condition[] {
  if (value === undefined) return []
  const inside = member(path, 'Condition')
  const conditions: Condition[] = []
  for (const [name, block] of requireObject(value, inside)) {
    const blockPath = member(inside, name)
    const operator = readOperator(name)
    if (operator === undefined) {
      refuse('unknown-operator', blockPath, 'there is no such condition operator')
    }
    const keys = requireObject(block, blockPath)
    if (keys.size === 0) refuse('empty', blockPath, 'an operator needs a condition key')
    for (const [key, listed] of keys) {
      const keyPath = member(blockPath, key)
      checkKey(key, keyPath, operator, grammar)
      const values = readValues(listed, keyPath)
      for (const text of values) checkValue(text, keyPath, operator, grammar, variables)
      conditions.push({ operator, key, values })
    }
  }
  refuseRepeated(conditions, inside)
  return conditions
}

function checkKey(key: string, path: string, operator: OperatorUse, grammar: Grammar): void {
  // A key without a service prefix is never in a context: with IfExists it would always hold. [M]
  if (!CONDITION_KEY.test(key)) {
    refuse('invalid-condition-key', path, 'a condition key reads service:name')
  }
  if (operator.quantifier !== 'ForAllValues') return
  const folded = foldName(key)
  if (grammar.noForAllValuesOn.some((prefix) => folded.startsWith(prefix))) {
    refuse('over-permissive-condition', path, 'ForAllValues would allow requests without this key')
  }
}

/** `kms:ViaService`; or behind an OpenID Connect issuer, `oidc.example.org:8443/id/shop:sub`. */
const CONDITION_KEY = /^[A-Za-z0-9.-]+(?::[0-9]+)?(?:\/[\x21-\x7e]*)?:./

/** One value or an array, which may be empty: then nothing matches. Numbers keep their text. */
function readValues(value: JsonValue, path: string): readonly string[] {
  const values = Array.isArray(value) ? (value as readonly JsonValue[]) : [value]
  return values.map((item) => {
    if (typeof item === 'string') return item
    if (typeof item === 'boolean') return String(item)
    if (item !== null && typeof item === 'object' && 'number' in item) return item.number
    return refuse('wrong-type', path, 'a string, a number or a Boolean is expected')
  })
}

function checkValue(
  text: string,
  path: string,
  use: OperatorUse,
  grammar: Grammar,
  variables: boolean,
): void {
  const operator = findOperator(use.name)
  if (operator === undefined) {
    if (!/^(?:true|false)$/i.test(text)) refuse('invalid-literal', path, 'Null takes true or false')
    return
  }
  if (variables && operator.variables) {
    const pattern = readPattern(text, true)
    if (pattern === undefined) refuse('invalid-variable', path, 'a policy variable is malformed')
    if (hasVariables(pattern)) return
  }
  if (grammar.literals === 'checked' && !operator.accepts(text)) {
    refuse('invalid-literal', path, `this is no value of ${operator.name}`)
  }
}

/** The same operator and key in two spellings of case is as ambiguous as a name given twice. [J] */
function refuseRepeated(conditions: readonly Condition[], path: string): void {
  const seen = new Set<string>()
  for (const { operator, key } of conditions) {
    const name = `${operator.quantifier}:${operator.name}:${operator.ifExists}:${foldName(key)}`
    if (seen.has(name)) refuse('duplicate-name', member(path, key), 'the key is given twice')
    seen.add(name)
  }
}

function requireObject(value: JsonValue, path: string): JsonObject {
  return value instanceof Map
    ? (value as JsonObject)
    : refuse('wrong-type', path, 'an object is expected')
}
