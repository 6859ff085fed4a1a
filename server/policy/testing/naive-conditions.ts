// Conditions evaluated a second time, straight from the text of the policy and without compiling:
// what the compiled conditions must agree with. Slow, and shares no code with them.

export type NaiveContext = ReadonlyMap<string, { values: string[]; multi: boolean; twice: boolean }>
type Outcome = 'yes' | 'no' | 'unsure' | 'never'
export type Token = { text: string } | '*' | '?'

/** One token for each character. */
function unitsOf(tokens: readonly Token[]): Token[] {
  return tokens.flatMap((token): Token[] =>
    typeof token === 'string' ? [token] : token.text.split('').map((text) => ({ text })),
  )
}

/** Whether tokens match a text, by the textbook table of prefixes. */
export function naiveLike(tokens: readonly Token[], text: string): boolean {
  const units = unitsOf(tokens)
  let row = Array.from({ length: text.length + 1 }, (_, index) => index === 0)
  for (const unit of units) {
    const next: boolean[] = []
    for (let at = 0; at <= text.length; at++) {
      if (unit === '*') next.push((row[at] ?? false) || (next[at - 1] ?? false))
      else
        next.push(at > 0 && (row[at - 1] ?? false) && (unit === '?' || unit.text === text[at - 1]))
    }
    row = next
  }
  return row[text.length] ?? false
}

/** Tokens with variables replaced; undefined where one has no value. */
export function naiveTokens(
  text: string,
  variables: boolean,
  context: NaiveContext,
): Token[] | undefined {
  const tokens: Token[] = []
  for (const part of text.split(/(\$\{[^}]*\}|[*?])/)) {
    if (part === '*' || part === '?') tokens.push(part)
    else if (!part.startsWith('${') || part.length < 3) tokens.push({ text: part })
    else if (!variables) {
      tokens.push({ text: '$' }, ...(naiveTokens(part.slice(1), false, context) ?? []))
    } else {
      const inside = part.slice(2, -1)
      const [key = '', fallback] = inside.split(/, *'|'$/)
      const entry = context.get(key.toLowerCase())
      const value = entry ? entry.values[0] : fallback
      if ('*?$'.includes(inside)) tokens.push({ text: inside })
      else if (value === undefined || entry?.multi || entry?.twice) return undefined
      else tokens.push({ text: value })
    }
  }
  return tokens
}

const flat = (tokens: readonly Token[]) =>
  tokens.map((token) => (typeof token === 'string' ? token : token.text)).join('')

function decimal(text: string): bigint | undefined {
  const parts = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (!parts) return undefined
  return BigInt(`${parts[2]}${(parts[3] ?? '').padEnd(40, '0')}`) * (parts[1] === '-' ? -1n : 1n)
}

function date(text: string): bigint | undefined {
  // Four digits are a year, any other number of them seconds.
  if (/^\d+(\.\d)?$/.test(text) && text.length !== 4) return BigInt(Number(text) * 1000)
  const parsed = /^\d{4}(-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?)?$/.test(text)
    ? Date.parse(text)
    : Number.NaN
  return Number.isNaN(parsed) ? undefined : BigInt(parsed)
}

/** Only IPv4 and only what the generators write. */
function inNetwork(address: string, block: string): boolean {
  const bits = (text: string) =>
    text
      .split('.')
      .map((octet) => Number(octet).toString(2).padStart(8, '0'))
      .join('')
  const [network = '', prefix = '32'] = block.split('/')
  return bits(address).slice(0, Number(prefix)) === bits(network).slice(0, Number(prefix))
}

function segments(tokens: readonly Token[]): Token[][] | undefined {
  const units = unitsOf(tokens)
  const lists: Token[][] = [[]]
  for (const unit of units) {
    const colon = typeof unit !== 'string' && unit.text === ':' && lists.length < 6
    if (colon) lists.push([])
    else lists.at(-1)?.push(unit)
  }
  return lists.length === 6 && flat(lists[0] ?? []) === 'arn' ? lists : undefined
}

/** One request value against one policy value. */
function compare(operator: string, tokens: readonly Token[], value: string, not: boolean): Outcome {
  const text = flat(tokens)
  const order = (first: bigint | undefined, second: bigint | undefined): Outcome => {
    if (first === undefined || second === undefined) return 'no'
    const kind = operator.replace(/^(Numeric|Date)/, '')
    const holds =
      (kind.endsWith('Equals') && first === second) ||
      (kind.startsWith('LessThan') && first < second) ||
      (kind.startsWith('GreaterThan') && first > second)
    return holds ? 'yes' : 'no'
  }
  const answer = (yes: boolean): Outcome => (yes ? 'yes' : 'no')
  if (operator === 'StringEquals') return answer(text === value)
  if (operator === 'StringEqualsIgnoreCase')
    return answer(text.toLowerCase() === value.toLowerCase())
  if (operator === 'StringLike') return answer(naiveLike(tokens, value))
  if (operator.startsWith('Numeric')) return order(decimal(value), decimal(text))
  if (operator.startsWith('Date')) return order(date(value), date(text))
  if (operator === 'Bool') return answer(/^true$/i.test(text) === /^true$/i.test(value))
  if (operator === 'BinaryEquals') return answer(text === value)
  if (operator === 'IpAddress') {
    if (!/^\d+\.\d+\.\d+\.\d+$/.test(value)) return 'never'
    if (!/^\d+\.\d+\.\d+\.\d+(\/\d+)?$/.test(text)) return not ? 'unsure' : 'no'
    return answer(inNetwork(value, text))
  }
  const requested = segments([{ text: value }])
  const wanted = segments(tokens)
  if (!requested) return 'never'
  if (!wanted) return 'unsure'
  return answer(wanted.every((list, index) => naiveLike(list, flat(requested[index] ?? []))))
}

/** A whole condition: quantifier, IfExists, missing keys and negation. */
export function naiveCondition(
  name: string,
  key: string,
  values: readonly string[],
  options: { context: NaiveContext; effect: string; variables: boolean },
): boolean {
  const { context, effect, variables } = options
  const entry = context.get(key.toLowerCase())
  if (name === 'Null') return values.some((value) => (value === 'true') === (entry === undefined))
  const [, quantifier, bare = '', ifExists] = /^(?:(ForA\w+):)?(\w+?)(IfExists)?$/.exec(name) ?? []
  const not = bare.includes('Not')
  const operator = bare.replace('Not', '').replace('ArnEquals', 'ArnLike')
  if (!entry) return !!ifExists || quantifier === 'ForAllValues' || (!quantifier && not)
  if (entry.twice) return effect === 'Deny'
  if (!quantifier && new Set(entry.values).size !== 1) return false
  const takesVariables = /^(String|Arn|Bool)/.test(operator) && variables
  const outcomes = entry.values.map((value): Outcome => {
    const results = values.flatMap((text): Outcome[] => {
      const tokens = naiveTokens(text, takesVariables, context)
      return tokens ? [compare(operator, tokens, value, not)] : []
    })
    // A malformed request value shows whatever the policy says, also where it says nothing.
    const probe = compare(operator, [{ text: 'arn:a:a:a:a:a' }], value, not)
    if (results.includes('never') || probe === 'never') return 'never'
    const found = (['yes', 'unsure'] as const).find((outcome) => results.includes(outcome)) ?? 'no'
    if (!not || found === 'unsure') return found
    return found === 'yes' ? 'no' : 'yes'
  })
  const failed = outcomes.some((outcome) => outcome === 'no' || outcome === 'never')
  const held = outcomes.includes('yes')
  const unsure = outcomes.includes('unsure') && effect === 'Deny'
  if (quantifier === 'ForAllValues') return !failed && (!outcomes.includes('unsure') || unsure)
  return held || unsure
}
