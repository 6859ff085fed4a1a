// Reads a policy document strictly: exactly the grammar of its kind, and nothing else.
// After: IAM User Guide, "Grammar of the IAM JSON policy language" and the pages of its elements.
// Element names are case-sensitive [M], Effect's values too; operators and condition keys are not.
import type { Effect } from './conditions/condition.ts'
import type { JsonObject, JsonValue } from './json.ts'
import { readJson } from './json.ts'
import { member, refuse } from './malformed-policy.ts'
import { parseConditions } from './parse-conditions.ts'
import { parseListed } from './parse-listed.ts'
import { parsePrincipals } from './parse-principals.ts'
import type { PolicyDocument, PolicyVersion, Statement } from './policy-document.ts'
import type { Grammar, PolicyKind } from './policy-kinds.ts'
import { GRAMMARS } from './policy-kinds.ts'

const DOCUMENT_ELEMENTS = ['Version', 'Id', 'Statement']
const STATEMENT_ELEMENTS = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]

/** Reads a document of this kind, or throws MalformedPolicyError: the only error there is. */
export function parsePolicy(text: string, kind: PolicyKind): PolicyDocument {
  const grammar = GRAMMARS[kind]
  const document = requireObject(readJson(text, grammar.maxBytes), '')
  refuseUnknown(document, DOCUMENT_ELEMENTS, '')
  const version = readVersion(document.get('Version'))
  const id = optionalString(document, 'Id', '')
  const listed = document.get('Statement')
  if (listed === undefined) refuse('missing-element', 'Statement', 'a policy needs statements')
  const values = Array.isArray(listed) ? listed : [listed]
  if (values.length === 0) refuse('empty', 'Statement', 'a policy needs at least one statement')
  const statements = values.map((value, index) => {
    const path = Array.isArray(listed) ? `Statement[${index}]` : 'Statement'
    return parseStatement(requireObject(value, path), path, grammar, version)
  })
  if (grammar.sid === 'alphanumeric') refuseRepeatedSids(statements)
  return { kind, version, id, statements, length: text.length }
}

function parseStatement(
  statement: JsonObject,
  path: string,
  grammar: Grammar,
  version: PolicyVersion,
): Statement {
  refuseUnknown(statement, STATEMENT_ELEMENTS, path)
  const variables = version === '2012-10-17'
  const effect = readEffect(statement.get('Effect'), path)
  return {
    sid: readSid(statement, path, grammar),
    effect,
    principals: parsePrincipals(statement, path, grammar, effect),
    actions: parseListed(statement, 'Action', grammar.action, path, variables),
    resources: parseListed(statement, 'Resource', grammar.resource, path, variables),
    conditions: parseConditions(statement.get('Condition'), path, grammar, variables),
  }
}

function readVersion(value: JsonValue | undefined): PolicyVersion {
  if (value === undefined) return '2008-10-17'
  if (value === '2012-10-17' || value === '2008-10-17') return value
  return refuse('invalid-version', 'Version', 'the version is 2012-10-17 or 2008-10-17')
}

function readEffect(value: JsonValue | undefined, path: string): Effect {
  if (value === 'Allow' || value === 'Deny') return value
  if (value === undefined) return refuse('missing-element', path, 'a statement needs an Effect')
  return refuse('invalid-effect', member(path, 'Effect'), 'the effect is Allow or Deny')
}

function readSid(statement: JsonObject, path: string, grammar: Grammar): string | undefined {
  const sid = optionalString(statement, 'Sid', path)
  if (sid !== undefined && grammar.sid === 'alphanumeric' && !/^[A-Za-z0-9]*$/.test(sid)) {
    refuse('invalid-sid', member(path, 'Sid'), 'a statement id has letters and digits only')
  }
  return sid
}

function refuseRepeatedSids(statements: readonly Statement[]): void {
  const seen = new Set<string>()
  for (const [index, { sid }] of statements.entries()) {
    if (sid === undefined || sid === '') continue
    if (seen.has(sid)) {
      refuse('duplicate-sid', `Statement[${index}].Sid`, 'statement ids are unique in a policy')
    }
    seen.add(sid)
  }
}

function refuseUnknown(object: JsonObject, known: readonly string[], path: string): void {
  for (const name of object.keys()) {
    if (!known.includes(name))
      refuse('unknown-element', member(path, name), 'there is no such element')
  }
}

function optionalString(object: JsonObject, name: string, path: string): string | undefined {
  const value = object.get(name)
  if (value === undefined || typeof value === 'string') return value
  return refuse('wrong-type', member(path, name), 'a string is expected')
}

function requireObject(value: JsonValue | undefined, path: string): JsonObject {
  return value instanceof Map ? value : refuse('wrong-type', path, 'an object is expected')
}
