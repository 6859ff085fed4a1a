// IpAddress and NotIpAddress: an address against CIDR blocks.
// After: IAM User Guide, "IP address condition operators"; RFC 4291 §2.2 and RFC 4632.
// A request's IPv4-mapped address compares as IPv4 while a policy's literals keep their family, and a
// malformed request address satisfies neither operator [N].
import { textOf } from '../pattern.ts'
import { spend } from '../steps.ts'
import type { Comparator, Operator } from './operator.ts'

/** Groups of 16 bits: two are an IPv4 address, eight an IPv6 address. */
export type Address = readonly number[]
export type Block = { readonly network: Address; readonly prefix: number }

const OCTET = /^(?:0|[1-9][0-9]{0,2})$/
const GROUP = /^[0-9a-fA-F]{1,4}$/
const PREFIX = /^(?:0|[1-9][0-9]{0,2})$/

/** Longer than any address with its prefix. */
const MAX_LENGTH = 64

/** An address of either family, or undefined. No zone, no octal, no shortened IPv4. */
export function readAddress(text: string): Address | undefined {
  if (text.length > MAX_LENGTH) return undefined
  return text.includes(':') ? readVersion6(text) : readVersion4(text)
}

/** `address` or `address/prefix`; without a prefix the address alone. */
export function readBlock(text: string): Block | undefined {
  if (text.length > MAX_LENGTH) return undefined
  const slash = text.indexOf('/')
  const network = readAddress(slash < 0 ? text : text.slice(0, slash))
  if (network === undefined) return undefined
  const most = network.length * 16
  if (slash < 0) return { network, prefix: most }
  const digits = text.slice(slash + 1)
  const prefix = Number(digits)
  return PREFIX.test(digits) && prefix <= most ? { network, prefix } : undefined
}

function readVersion4(text: string): Address | undefined {
  const octets = text.split('.')
  if (octets.length !== 4 || !octets.every((octet) => OCTET.test(octet) && Number(octet) <= 255)) {
    return undefined
  }
  const [first = 0, second = 0, third = 0, fourth = 0] = octets.map(Number)
  return [first * 256 + second, third * 256 + fourth]
}

function readVersion6(text: string): Address | undefined {
  const halves = text.split('::')
  const [front, back] = halves.map((half) => (half === '' ? [] : half.split(':')))
  if (front === undefined || halves.length > 2) return undefined
  const head = readGroups(front, back === undefined)
  const rest = back === undefined ? [] : readGroups(back, true)
  if (head === undefined || rest === undefined) return undefined
  const missing = 8 - head.length - rest.length
  if (back === undefined ? missing !== 0 : missing < 1) return undefined
  return [...head, ...new Array<number>(missing).fill(0), ...rest]
}

/** Hexadecimal groups; the last four bytes of an address may be written as IPv4. */
function readGroups(texts: readonly string[], last: boolean): number[] | undefined {
  const groups: number[] = []
  for (const [index, text] of texts.entries()) {
    if (GROUP.test(text)) {
      groups.push(Number.parseInt(text, 16))
      continue
    }
    const embedded = last && index === texts.length - 1 ? readVersion4(text) : undefined
    if (embedded === undefined) return undefined
    groups.push(...embedded)
  }
  return groups
}

/** ::ffff:a.b.c.d is the same caller as a.b.c.d. */
function unmapped(address: Address): Address {
  const mapped = address.length === 8 && address[5] === 0xffff && !address.slice(0, 5).some(Boolean)
  return mapped ? address.slice(6) : address
}

/** IPv4 host bits of the policy's network are ignored; IPv6 host bits never match [N]. */
function contains(block: Block, address: Address): boolean {
  const { network, prefix } = block
  if (network.length !== address.length) return false
  return network.every((group, index) => {
    const bits = Math.min(16, Math.max(0, prefix - index * 16))
    const mask = (0xffff << (16 - bits)) & 0xffff
    const hostBits = network.length === 8 && (group & ~mask) !== 0
    return !hostBits && (group & mask) === ((address[index] ?? 0) & mask)
  })
}

function ipOperator(name: string, negated: boolean): Operator {
  return {
    name,
    negated,
    variables: false,
    accepts: (text) => readBlock(text) !== undefined,
    comparator(patterns): Comparator {
      const blocks = patterns.map((pattern) => readBlock(textOf(pattern)))
      const malformed = blocks.includes(undefined)
      return (requestValue, steps) => {
        spend(steps, 1 + requestValue.length + 8 * blocks.length)
        const address = readAddress(requestValue)
        if (address === undefined) return 'never'
        const caller = unmapped(address)
        if (blocks.some((block) => block !== undefined && contains(block, caller))) return 'match'
        // A block nobody can read is in no network; but its negation must not open an Allow. [J]
        return malformed && negated ? 'undecided' : 'differ'
      }
    },
  }
}

export const ipOperators: readonly Operator[] = [
  ipOperator('IpAddress', false),
  ipOperator('NotIpAddress', true),
]
