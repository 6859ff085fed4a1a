// The machine and the process: what runs, and who else could read its memory.
import { readFileSync } from 'node:fs'
import { isFips, openSslVersion } from '../crypto/provider.ts'
import { signsDigestsNatively } from '../crypto/signature.ts'
import { type Finding, note, ok, wrong } from './finding.ts'

const OLDEST_NODE = [24, 15] as const

/** What is read of the machine; a test hands in another one. */
export type Machine = {
  readonly node: string
  readonly uid: number | undefined
  /** The text of a file of /proc; nothing where there is none. */
  proc(file: string): string | undefined
  readonly signsDigestsNatively: boolean
}

export const thisMachine: Machine = {
  node: process.versions.node,
  uid: process.getuid?.(),
  signsDigestsNatively: signsDigestsNatively(),
  proc(file) {
    try {
      return readFileSync(`/proc/${file}`, 'latin1')
    } catch {
      return undefined
    }
  },
}

export function lookAtMachine(machine: Machine): readonly Finding[] {
  return [
    nodeVersion(machine),
    ok('OpenSSL', `${openSslVersion()}, FIPS provider ${isFips() ? 'on' : 'off'}`),
    digestSigning(machine),
    user(machine),
    coreDumps(machine),
    swap(machine),
    ok('memory', 'Node.js cannot lock memory (mlock): turn swap off, or encrypt it'),
  ]
}

function nodeVersion({ node }: Machine): Finding {
  const [major = 0, minor = 0] = node.split('.').map(Number)
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])
  return isOld
    ? wrong('Node.js', node, `install ${OLDEST_NODE.join('.')} or newer`)
    : ok('Node.js', node)
}

function digestSigning({ signsDigestsNatively: isNative }: Machine): Finding {
  return isNative
    ? ok('digest signing', 'in OpenSSL')
    : note(
        'digest signing',
        'in JavaScript, not in constant time, for ECDSA, Ed25519ph and ML-DSA of what is hashed already',
        'install a C compiler, run scripts/build-native.mjs and restart',
      )
}

function user({ uid }: Machine): Finding {
  return uid === 0
    ? note('user', 'root', 'give the server a user of its own, who owns its directory')
    : ok('user', uid === undefined ? 'not known here' : `uid ${uid}`)
}

function coreDumps({ proc }: Machine): Finding {
  const [, soft] = /^Max core file size\s+(\S+)/m.exec(proc('self/limits') ?? '') ?? []
  if (soft === '0') return ok('core dumps', 'off')
  const filter = Number.parseInt(proc('self/coredump_filter') ?? '', 16)
  return filter === 0
    ? ok('core dumps', 'they hold no memory, since the server empties them')
    : note('core dumps', 'they may hold keys', 'set LimitCORE=0 in the unit, or ulimit -c 0')
}

function swap({ proc }: Machine): Finding {
  const areas = proc('swaps')
  if (areas === undefined) return note('swap', 'not known here', 'turn it off, or encrypt it')
  const names = areas
    .split('\n')
    .slice(1)
    .flatMap((line) => line.split(/\s+/)[0] || [])
  return names.length === 0
    ? ok('swap', 'off')
    : note(
        'swap',
        `on (${names.join(', ')}): keys may be written there`,
        'swapoff -a, or encrypt it',
      )
}
