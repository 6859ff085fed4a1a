// The seal file: whole or refused, replaced in one step, and bound to its root key and way of sealing.
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { randomBytes } from '../crypto/random.ts'
import { secretKey } from '../crypto/secret-key.ts'
import { newRootKey } from './file-seal.ts'
import {
  openDocument,
  type PassphraseDocument,
  readSealDocument,
  type SealDocument,
  type SharesDocument,
  wrapRootKey,
  writeSealDocument,
} from './seal-document.ts'

const REFUSED = 'needs: A seal file says how it is sealed, with everything that unsealing takes.'
const KEY = secretKey(Buffer.alloc(32, 7))
const root = newRootKey()
const passphraseDocument: PassphraseDocument = {
  format: 1,
  kind: 'passphrase',
  rootKeyId: root.id,
  salt: Buffer.alloc(16, 1).toString('base64'),
  cost: { memoryKiB: 65536, passes: 3, lanes: 4 },
  wrapped: wrapRootKey(root, 'passphrase', KEY),
}
const sharesDocument: SharesDocument = {
  format: 1,
  kind: 'shares',
  rootKeyId: root.id,
  set: '0123456789abcdef',
  shares: 5,
  threshold: 3,
  wrapped: wrapRootKey(root, 'shares', KEY),
}

let directory: string
let path: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyhold-seal-'))
  path = join(directory, 'seal.json')
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(directory, { recursive: true })
})

const bytesOf = (document: SealDocument, key = KEY) =>
  openDocument(document, key)?.rootKey.lend((bytes) => bytes.toString('hex'))

describe('a root key that was wrapped', () => {
  it('is the same again under the same key', () => {
    const before = root.lend((bytes) => bytes.toString('hex'))
    expect(bytesOf(passphraseDocument)).toBe(before)
    expect(bytesOf(sharesDocument)).toBe(before)
    expect(openDocument(sharesDocument, KEY)?.rootKey.id).toBe(root.id)
  })

  it('is nothing under another key', () => {
    expect(bytesOf(passphraseDocument, secretKey(randomBytes(32)))).toBeUndefined()
  })

  it('is nothing where it is said to be another root key, or to be sealed in another way', () => {
    const other = newRootKey()
    expect(bytesOf({ ...sharesDocument, rootKeyId: other.id })).toBeUndefined()
    expect(bytesOf({ ...sharesDocument, wrapped: passphraseDocument.wrapped })).toBeUndefined()
    expect(bytesOf({ ...passphraseDocument, wrapped: sharesDocument.wrapped })).toBeUndefined()
  })

  it('is nothing with any bit flipped, or cut off', () => {
    const wrapped = Buffer.from(sharesDocument.wrapped, 'base64')
    for (let bit = 0; bit < wrapped.length * 8; bit++) {
      const flipped = Buffer.from(wrapped)
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      const document = { ...sharesDocument, wrapped: flipped.toString('base64') }
      expect(bytesOf(document), `bit ${bit}`).toBeUndefined()
    }
    for (let length = 0; length < wrapped.length; length++) {
      const cut = wrapped.subarray(0, length).toString('base64')
      expect(bytesOf({ ...sharesDocument, wrapped: cut }), `${length} bytes`).toBeUndefined()
    }
  })

  it('is other bytes each time, and its own are nowhere in them', () => {
    const made = Array.from({ length: 50 }, () => wrapRootKey(root, 'shares', KEY))
    expect(new Set(made).size).toBe(50)
    const bytes = Buffer.concat(made.map((text) => Buffer.from(text, 'base64')))
    expect(root.lend((key) => bytes.includes(key.subarray(0, 8)))).toBe(false)
  })
})

describe('a seal file', () => {
  it('is read as it was written, for its owner alone', () => {
    for (const document of [passphraseDocument, sharesDocument]) {
      writeSealDocument(path, document)
      expect(readSealDocument(path)).toEqual(document)
      expect(statSync(path).mode & 0o7777).toBe(0o600)
      expect(readdirSync(directory)).toEqual(['seal.json'])
    }
  })

  it('replaces what an interrupted writing left, whatever its mode', () => {
    writeFileSync(`${path}.next`, 'half a fi')
    chmodSync(`${path}.next`, 0o666)
    writeSealDocument(path, sharesDocument)
    expect(statSync(path).mode & 0o7777).toBe(0o600)
    expect(readSealDocument(path)).toEqual(sharesDocument)
  })

  it('stays the old one where the new one could not be written whole', () => {
    writeSealDocument(path, sharesDocument)
    const broken = { ...sharesDocument, threshold: 0 }
    expect(() => writeSealDocument(path, broken)).toThrow(REFUSED)
    expect(readSealDocument(path)).toEqual(sharesDocument)
  })

  it('A seal file says how it is sealed, with everything that unsealing takes.', () => {
    const wrong: [SealDocument, object][] = [
      [passphraseDocument, { format: 2 }],
      [passphraseDocument, { format: '1' }],
      [passphraseDocument, { kind: 'file' }],
      [passphraseDocument, { kind: 'shares' }],
      [passphraseDocument, { kind: undefined }],
      [passphraseDocument, { rootKeyId: root.id.toUpperCase().replace(/[0-9]/g, 'A') }],
      [passphraseDocument, { rootKeyId: root.id.slice(1) }],
      [passphraseDocument, { rootKeyId: [root.id] }],
      [passphraseDocument, { wrapped: '' }],
      [passphraseDocument, { wrapped: `${passphraseDocument.wrapped}=` }],
      [passphraseDocument, { wrapped: passphraseDocument.wrapped.slice(4) }],
      [passphraseDocument, { wrapped: 7 }],
      [passphraseDocument, { salt: undefined }],
      [passphraseDocument, { salt: Buffer.alloc(15).toString('base64') }],
      [passphraseDocument, { salt: ' '.repeat(24) }],
      [passphraseDocument, { cost: undefined }],
      [passphraseDocument, { cost: null }],
      [passphraseDocument, { cost: { memoryKiB: 65536, passes: 3 } }],
      [passphraseDocument, { cost: { memoryKiB: '65536', passes: 3, lanes: 4 } }],
      [passphraseDocument, { cost: { memoryKiB: 65536.5, passes: 3, lanes: 4 } }],
      [sharesDocument, { kind: 'passphrase' }],
      [sharesDocument, { set: undefined }],
      [sharesDocument, { set: '0123456789ABCDEF' }],
      [sharesDocument, { threshold: undefined }],
      [sharesDocument, { threshold: 1 }],
      [sharesDocument, { threshold: 2.5 }],
      [sharesDocument, { threshold: '3' }],
      [sharesDocument, { threshold: 6 }],
      [sharesDocument, { shares: 256 }],
      [sharesDocument, { shares: undefined }],
    ]
    for (const [document, change] of wrong) {
      writeFileSync(path, JSON.stringify({ ...document, ...change }))
      expect(() => readSealDocument(path), JSON.stringify(change)).toThrow(REFUSED)
    }
    for (const text of ['', ' ', '{', 'null', '7', '"seal"', '[]', '{}', '\0'.repeat(400)]) {
      writeFileSync(path, text)
      expect(() => readSealDocument(path), text).toThrow(REFUSED)
    }
  })

  it('is refused when it was cut off anywhere', () => {
    writeSealDocument(path, passphraseDocument)
    const whole = readFileSync(path, 'utf8')
    for (let length = 0; length < whole.trimEnd().length; length++) {
      writeFileSync(path, whole.slice(0, length))
      expect(() => readSealDocument(path), `${length} characters`).toThrow(REFUSED)
    }
  })

  it('that is missing is told so', () => {
    expect(() => readSealDocument(path)).toThrow('ENOENT')
  })

  it('holds nothing of the root key, and lending that for it leaves nothing behind', () => {
    const key = root.lend((bytes) => Buffer.from(bytes))
    const lent: Buffer[] = []
    const watched = {
      ...root,
      lend: <T>(use: (bytes: Buffer) => T): T =>
        root.lend((bytes) => {
          lent.push(bytes)
          return use(bytes)
        }),
    }
    writeSealDocument(path, { ...sharesDocument, wrapped: wrapRootKey(watched, 'shares', KEY) })
    const text = readFileSync(path, 'utf8')
    expect(text).not.toContain(key.toString('hex'))
    expect(text).not.toContain(key.toString('base64').slice(0, 40))
    expect(lent).toEqual([Buffer.alloc(32)])
  })
})

describe('An open seal', () => {
  it('seals another root key in the same way, and the same key opens that', () => {
    const open = openDocument(sharesDocument, KEY)
    const next = newRootKey()
    const resealed = open?.reseal(next)
    expect(resealed).toEqual({
      ...sharesDocument,
      rootKeyId: next.id,
      wrapped: expect.not.stringContaining(sharesDocument.wrapped),
    })
    const keyOf = (root: typeof next | undefined) => root?.lend((bytes) => bytes.toString('hex'))
    expect(keyOf(openDocument(resealed as typeof sharesDocument, KEY)?.rootKey)).toBe(keyOf(next))
    // The one that was sealed before still is what its own document holds, and nothing else.
    expect(openDocument({ ...sharesDocument, rootKeyId: next.id }, KEY)).toBeUndefined()
  })
})
