// Which part of the server a function of a CPU profile belongs to.
import type { ProfileNode } from './profile-reading.ts'

/** The first pattern that fits the address of the file decides. */
const PARTS: readonly (readonly [pattern: RegExp, category: string])[] = [
  [/\/server\/gateway\/sigv4\//, 'gateway/sigv4'],
  [/\/server\/gateway\/wire\//, 'wire/schema'],
  [/\/server\/schema\//, 'wire/schema'],
  [/\/server\/gateway\//, 'gateway'],
  [/\/server\/pipeline\//, 'pipeline'],
  [/\/server\/policy\//, 'policy'],
  [/\/server\/services\/kms\//, 'kms'],
  [/\/server\/services\/cloudtrail\//, 'trail'],
  [/\/server\/services\//, 'other services'],
  [/\/server\/storage\//, 'storage'],
  [/\/server\/(?:crypto|seal)\//, 'crypto'],
  [/\/server\//, 'server, other'],
  [/node:internal\/crypto\//, 'crypto'],
  [/node:(?:_http|internal\/http)/, 'node:http internals'],
  [/node:(?:net|internal\/stream_base_commons)/, 'node:net'],
  [/node:(?:internal\/streams|stream|events)/, 'node:streams, events'],
  [
    /node:internal\/(?:process|timers|async_hooks)|node:(?:timers|async_hooks)/,
    'node:ticks, timers',
  ],
]
const DEPENDENCY = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//
const SHARED = 'crypto'

/** Native code and node's small parts (buffers, files) count for whoever called them. */
export function categoryOf(node: ProfileNode): string {
  const { functionName, url } = node
  if (functionName === '(garbage collector)') return 'GC'
  if (functionName === '(program)') return 'program/native'
  const own = ownCategory(url)
  if (own === SHARED) return `${SHARED} for ${userOf(node)}`
  if (own !== undefined) return own
  return node.parent === undefined ? 'program/native' : categoryOf(node.parent)
}

/** The file, as it is called in the repository or in node. */
export function fileOf({ url }: ProfileNode): string {
  const at = url.search(/(?:server|node_modules)\//)
  return url === '' ? '(native)' : at === -1 ? url : url.slice(at)
}

function ownCategory(url: string): string | undefined {
  const dependency = DEPENDENCY.exec(url)?.[1]
  if (dependency !== undefined) return `package ${dependency}`
  return PARTS.find(([pattern]) => pattern.test(url))?.[1]
}

/** Cryptography is everybody's: its time is told by whom it is for. */
function userOf(node: ProfileNode): string {
  for (let caller = node.parent; caller !== undefined; caller = caller.parent) {
    const category = ownCategory(caller.url)
    if (category !== undefined && category !== SHARED) return category
  }
  return 'others'
}
