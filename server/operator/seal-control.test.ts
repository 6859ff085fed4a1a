// The change of a seal, interrupted at every single step: one of the two seals always counts.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { OperatorError, readPlace } from '../config.ts'
import { beginUnsealing } from '../installation.ts'
import { createRootKeyFile, newRootKey, putRootKeyFile } from '../seal/file-seal.ts'
import type { RootKey } from '../seal/root-key.ts'
import { UnsealError } from '../seal/unsealing.ts'
import {
  discardLeftRootKey,
  discardUnfinishedSeals,
  makeSeal,
  type NewSeal,
  putSeal,
} from './seal-control.ts'

/** How many changes of files are still let through; then the power is cut. */
let steps = Number.POSITIVE_INFINITY

class PowerCut extends Error {}

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>()
  const cutting = <F extends (...given: never[]) => unknown>(act: F) =>
    ((...given: never[]) => {
      if (steps <= 0) throw new PowerCut()
      steps--
      return act(...given)
    }) as F
  return {
    ...real,
    openSync: cutting(real.openSync),
    writeFileSync: cutting(real.writeFileSync),
    fsyncSync: cutting(real.fsyncSync),
    renameSync: cutting(real.renameSync),
    rmSync: cutting(real.rmSync),
  }
})

const root = newRootKey()
const file: NewSeal = await makeSeal(root, { kind: 'file' })
const first = await makeSeal(root, { kind: 'shares', shares: 3, threshold: 2 })
const second = await makeSeal(root, { kind: 'shares', shares: 2, threshold: 2 })
const keyOf = (key: RootKey) => key.lend((bytes) => bytes.toString('hex'))

let directory: string
let place: ReturnType<typeof readPlace>
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyhold-seal-'))
  place = readPlace({ data: directory })
})
afterEach(() => {
  steps = Number.POSITIVE_INFINITY
  rmSync(directory, { recursive: true })
})

/** The root key as a start after the power cut gets it, and the seal that counted. */
async function startAgain(): Promise<{ root: RootKey; seal: NewSeal }> {
  discardUnfinishedSeals(place)
  const unsealing = beginUnsealing(place)
  let seal = file
  for (const candidate of [first, second]) {
    if (!unsealing.progress().sealed) break
    for (const share of candidate.shares.slice(0, 2)) {
      await unsealing
        .offer({ kind: 'share', text: Buffer.from(share) })
        .catch((error: unknown) => expect(error).toBeInstanceOf(UnsealError))
    }
    seal = candidate
  }
  const rootKey = await unsealing.rootKey
  expect(discardLeftRootKey(place, rootKey)).toBeUndefined()
  return { root: rootKey, seal }
}

const kinds: [string, NewSeal][] = [
  ['the file', file],
  ['shares', first],
]

describe.each(kinds)('A seal of %s', (_name, before) => {
  it.each([
    ['the file', file],
    ['new shares', second],
  ] as const)('that is changed to %s always has one that counts', async (_to, after) => {
    let cuts = 0
    const counted = new Set<NewSeal>()
    for (let done = false; !done; cuts++) {
      rmSync(directory, { recursive: true })
      directory = mkdtempSync(join(tmpdir(), 'keyhold-seal-'))
      place = readPlace({ data: directory })
      putSeal(place, root, before)
      steps = cuts
      try {
        putSeal(place, root, after)
        done = true
      } catch (error) {
        expect(error).toBeInstanceOf(PowerCut)
      }
      steps = Number.POSITIVE_INFINITY
      const started = await startAgain()
      expect(keyOf(started.root), `after ${cuts} steps`).toBe(keyOf(root))
      counted.add(started.seal)
      expect([before, after]).toContain(started.seal)
      // Afterwards there is one seal and nothing beside it: no root key in the clear under another.
      expect(readdirSync(directory)).toEqual([
        started.seal.document === undefined ? 'root.key' : 'seal.json',
      ])
      if (done) expect(started.seal).toBe(after)
    }
    expect(cuts).toBeGreaterThan(5)
    expect(counted).toEqual(new Set([before, after]))
  })
})

describe('a change of the seal', () => {
  it('leaves no root key in the clear', () => {
    putSeal(place, root, file)
    expect(readdirSync(directory)).toEqual(['root.key'])
    putSeal(place, root, first)
    expect(readdirSync(directory)).toEqual(['seal.json'])
    putSeal(place, root, file)
    expect(readdirSync(directory)).toEqual(['root.key'])
  })

  it('from the file to the file never is without a root key', () => {
    putSeal(place, root, file)
    putSeal(place, root, file)
    expect(beginUnsealing(place).rootKeyId).toBe(root.id)
  })
})

describe('beside a seal file', () => {
  it('a root key of another installation is left alone, and told of', () => {
    putSeal(place, root, first)
    const other = createRootKeyFile(place.rootKeyFile)
    expect(other.id).not.toBe(root.id)
    discardUnfinishedSeals(place)
    expect(beginUnsealing(place).progress()).toMatchObject({ kind: 'shares', sealed: true })
    expect(discardLeftRootKey(place, root)).toBe(place.rootKeyFile)
    expect(existsSync(place.rootKeyFile)).toBe(true)
  })

  it('a damaged root key is left alone, and told of', () => {
    putSeal(place, root, first)
    writeFileSync(place.rootKeyFile, 'what is this')
    expect(discardLeftRootKey(place, root)).toBe(place.rootKeyFile)
  })

  it('the same root key stays until the seal was opened: looking removes nothing', () => {
    putSeal(place, root, first)
    putRootKeyFile(place.rootKeyFile, root)
    discardUnfinishedSeals(place)
    beginUnsealing(place)
    expect(existsSync(place.rootKeyFile)).toBe(true)
    expect(discardLeftRootKey(place, root)).toBeUndefined()
    expect(existsSync(place.rootKeyFile)).toBe(false)
    expect(existsSync(place.sealFile)).toBe(true)
  })
})

describe('a seal that cannot be used', () => {
  it('is told in a sentence that names the file and none of its content', () => {
    writeFileSync(place.sealFile, '{"format":1,"kind":"passphrase"}')
    expect(() => beginUnsealing(place)).toThrow(OperatorError)
    expect(() => beginUnsealing(place)).toThrow(`${place.sealFile} cannot be used: needs: A seal`)
    rmSync(place.sealFile)
    writeFileSync(place.rootKeyFile, 'short', { mode: 0o600 })
    expect(() => beginUnsealing(place)).toThrow(
      `${place.rootKeyFile} cannot be used: needs: A root`,
    )
  })

  it('is not replaced by a root key that lies beside it', () => {
    putRootKeyFile(place.rootKeyFile, root)
    writeFileSync(place.sealFile, '{}')
    expect(() => beginUnsealing(place)).toThrow('seal.json cannot be used')
    expect(existsSync(place.rootKeyFile)).toBe(true)
  })

  it('that is not there at all is told so', () => {
    expect(() => beginUnsealing(place)).toThrow('holds neither root.key nor seal.json')
  })
})
