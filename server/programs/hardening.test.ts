import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { findDirectoryProblem, requirePrivateDirectory } from '../data-directory.ts'
import { OperatorError } from '../operator-error.ts'
import { requireUnobserved } from './hardening.ts'

describe('A server process', () => {
  it.each([
    ['--inspect'],
    ['--inspect=0.0.0.0:9229'],
    ['--inspect-brk'],
    ['--inspect-wait=1'],
    ['--inspect_brk'],
    ['--inspect-port=1'],
    ['--heapsnapshot-signal=SIGUSR2'],
    ['--heapsnapshot-near-heap-limit=3'],
    ['--heap-prof'],
    ['--tls-keylog=/tmp/keys'],
    ['--report-on-signal'],
    ['--report-on-fatalerror'],
    ['--report-uncaught-exception'],
  ])('does not run with %s, given to it or in NODE_OPTIONS', (flag) => {
    for (const given of [
      [[flag], ''],
      [[], flag],
      [[], `--no-warnings "${flag}"`],
    ] as const) {
      expect(() => requireUnobserved(given[0], given[1])).toThrow(OperatorError)
      expect(() => requireUnobserved(given[0], given[1])).toThrow('NODE_OPTIONS')
    }
  })

  it('runs with what shows nothing', () => {
    const flags = ['--disable-sigusr1', '--max-old-space-size=512', '--no-warnings']
    expect(() => requireUnobserved(flags, '--enable-source-maps')).not.toThrow()
  })
})

describe('The directory of an installation', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'keyhold-directory-'))
  })
  afterEach(() => {
    vi.restoreAllMocks()
    rmSync(directory, { recursive: true })
  })

  it('is refused where others may write to it', () => {
    for (const mode of [0o720, 0o702, 0o770, 0o777, 0o1777, 0o722]) {
      chmodSync(directory, mode)
      expect(() => requirePrivateDirectory(directory), mode.toString(8)).toThrow(OperatorError)
      expect(() => requirePrivateDirectory(directory)).toThrow(`chmod 700 ${directory}`)
    }
    for (const mode of [0o700, 0o750, 0o755, 0o500]) {
      chmodSync(directory, mode)
      expect(findDirectoryProblem(directory), mode.toString(8)).toBeUndefined()
    }
  })

  it('is refused where it belongs to somebody else', () => {
    const mine = process.getuid?.() ?? 0
    vi.spyOn(process, 'getuid').mockReturnValue(mine + 1)
    expect(() => requirePrivateDirectory(directory)).toThrow(`another user (uid ${mine})`)
  })

  it('is a directory, and may be missing still', () => {
    const file = join(directory, 'file')
    writeFileSync(file, '')
    expect(findDirectoryProblem(file)).toBe(`${file} is no directory.`)
    expect(findDirectoryProblem(join(directory, 'none'))).toBeUndefined()
  })
})
