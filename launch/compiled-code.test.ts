import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const MODULE = new URL('./compiled-code.mjs', import.meta.url)

/** What a process that reuses the code in this directory leaves there. */
function leftIn(directory: string): string[] {
  const program = `import { reuseCompiledCode } from '${MODULE}'; reuseCompiledCode('${directory}'); await import('${MODULE}?again')`
  execFileSync(process.execPath, ['--input-type=module', '-e', program])
  return readdirSync(directory)
}

const newPlace = () => mkdtempSync(join(tmpdir(), 'keyhold-compiled-'))

describe('Compiled code', () => {
  it('is kept in a directory that is made for this user alone', () => {
    expect(leftIn(join(newPlace(), 'made'))).toHaveLength(1)
  })

  it('is not used where others may write', () => {
    const shared = join(newPlace(), 'shared')
    mkdirSync(shared)
    chmodSync(shared, 0o770)
    expect(leftIn(shared)).toEqual([])
  })

  it('is not used by way of a link', () => {
    const place = newPlace()
    mkdirSync(join(place, 'own'), { mode: 0o700 })
    symlinkSync(join(place, 'own'), join(place, 'link'))
    expect(leftIn(join(place, 'link'))).toEqual([])
  })

  it.runIf(process.getuid?.() === 0)('is not used where the directory is another user’s', () => {
    const place = newPlace()
    const other = join(place, 'other')
    mkdirSync(other, { mode: 0o700 })
    execFileSync('chown', ['nobody', other])
    expect(leftIn(other)).toEqual([])
  })
})
