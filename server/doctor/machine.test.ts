import { describe, expect, it } from 'vitest'
import { lineOf, wrong } from './finding.ts'
import { lookAtMachine, type Machine, thisMachine } from './machine.ts'

const LIMITS = (soft: string) =>
  `Limit Soft Hard Units\nMax core file size        ${soft}     unlimited  bytes\n`
const SWAPS = 'Filename\tType\tSize\tUsed\tPriority\n'

function machine(files: Record<string, string>, more: Partial<Machine> = {}): Machine {
  return {
    node: '24.21.0',
    uid: 1000,
    proc: (file) => files[file],
    signsDigestsNatively: true,
    ...more,
  }
}
const stateOf = (subject: string, files: Record<string, string>, more?: Partial<Machine>) =>
  lookAtMachine(machine(files, more)).find((finding) => finding.subject === subject)?.state

describe('The doctor, of the machine,', () => {
  it('says that a Node.js too old is wrong', () => {
    for (const node of ['18.20.1', '22.19.0', '24.14.9']) {
      expect(stateOf('Node.js', {}, { node }), node).toBe('wrong')
    }
    for (const node of ['24.15.0', '24.21.0', '25.0.0']) {
      expect(stateOf('Node.js', {}, { node }), node).toBe('ok')
    }
  })

  it('tells of OpenSSL and its FIPS provider', () => {
    const found = lookAtMachine(thisMachine).find(({ subject }) => subject === 'OpenSSL')
    expect(found?.told).toMatch(/^3\.[\d.]+\S*, FIPS provider (?:on|off)$/)
  })

  it('notes that digests are signed in JavaScript', () => {
    expect(stateOf('digest signing', {})).toBe('ok')
    expect(stateOf('digest signing', {}, { signsDigestsNatively: false })).toBe('note')
  })

  it('notes core dumps that may hold keys', () => {
    expect(stateOf('core dumps', { 'self/limits': LIMITS('0') })).toBe('ok')
    const open = { 'self/limits': LIMITS('unlimited') }
    expect(stateOf('core dumps', open)).toBe('note')
    expect(stateOf('core dumps', { ...open, 'self/coredump_filter': '00000033\n' })).toBe('note')
    expect(stateOf('core dumps', { ...open, 'self/coredump_filter': '00000000\n' })).toBe('ok')
    expect(stateOf('core dumps', {})).toBe('note')
  })

  it('notes swap, and a machine that does not tell', () => {
    expect(stateOf('swap', { swaps: SWAPS })).toBe('ok')
    expect(stateOf('swap', { swaps: `${SWAPS}/dev/sda2\tpartition\t8\t0\t-2\n` })).toBe('note')
    expect(stateOf('swap', {})).toBe('note')
  })

  it('notes that it runs as root', () => {
    expect(stateOf('user', {}, { uid: 0 })).toBe('note')
    expect(stateOf('user', {})).toBe('ok')
  })
})

it('A finding is one line, whatever a library said', () => {
  const line = lineOf(wrong('database', 'it said:\r\n  this\n\n  and that', 'mend it'))
  expect(line).toBe('wrong  database           it said: this and that → mend it')
})
