// The seal file and what unseals it: a passphrase, or shares; nothing else, and nothing half.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newRootKey } from './file-seal.ts'
import { sealWithPassphrase, unsealWithPassphrase } from './passphrase-seal.ts'
import type { RootKey } from './root-key.ts'
import {
  type PassphraseDocument,
  readSealDocument,
  type SealDocument,
  type SharesDocument,
  writeSealDocument,
} from './seal-document.ts'
import { readShare, sealWithShares, unsealWithShares } from './shares-seal.ts'

const PASSPHRASE = 'correct horse battery staple'
const DAMAGED = 'needs: A seal file says how it is sealed, with everything that unsealing takes.'

const root = newRootKey()
let directory: string
let path: string
let byPassphrase: PassphraseDocument
let byShares: SharesDocument
let shares: Buffer[]
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'keyhold-seal-'))
  path = join(directory, 'seal.json')
  byPassphrase = await sealWithPassphrase(root, Buffer.from(PASSPHRASE))
  const sealed = await sealWithShares(root, 3, 2)
  byShares = sealed.document
  shares = sealed.shares.map((text) => readShare(byShares, text))
})
afterAll(() => rmSync(directory, { recursive: true }))

const bytesOf = (key: RootKey | undefined) => key?.lend((bytes) => bytes.toString('hex'))
const unseal = (document: PassphraseDocument, passphrase = PASSPHRASE) =>
  unsealWithPassphrase(document, Buffer.from(passphrase))

describe('a seal file', () => {
  it('is written whole, in place of the one before, for its owner alone', () => {
    for (const document of [byPassphrase, byShares]) {
      writeSealDocument(path, document)
      expect(readSealDocument(path)).toEqual(document)
      expect(statSync(path).mode & 0o777).toBe(0o600)
    }
    expect(readdirSync(directory)).toEqual(['seal.json'])
  })

  it('holds neither the root key nor what unseals it', () => {
    const secret = bytesOf(root) as string
    for (const document of [byPassphrase, byShares] as SealDocument[]) {
      writeSealDocument(path, document)
      const text = readFileSync(path, 'utf8')
      expect(text).not.toContain(PASSPHRASE)
      for (const form of ['hex', 'base64'] as const) {
        expect(text).not.toContain(Buffer.from(secret, 'hex').toString(form))
        for (const share of shares) expect(text).not.toContain(share.toString(form))
      }
    }
  })

  it('A seal file says how it is sealed, with everything that unsealing takes.', () => {
    const broken: [SealDocument, Record<string, unknown>][] = [
      [byPassphrase, { format: 2 }],
      [byPassphrase, { format: '1' }],
      [byPassphrase, { kind: 'file' }],
      [byPassphrase, { kind: 'shares' }],
      [byPassphrase, { rootKeyId: undefined }],
      [byPassphrase, { rootKeyId: 'AB'.repeat(16) }],
      [byPassphrase, { wrapped: undefined }],
      [byPassphrase, { wrapped: 7 }],
      [byPassphrase, { salt: undefined }],
      [byPassphrase, { cost: undefined }],
      [byPassphrase, { cost: null }],
      [byShares, { kind: 'passphrase' }],
      [byShares, { set: undefined }],
      [byShares, { set: 'x' }],
      [byShares, { threshold: undefined }],
      [byShares, { threshold: 1.5 }],
    ]
    for (const [document, change] of broken) {
      writeFileSync(path, JSON.stringify({ ...document, ...change }))
      expect(() => readSealDocument(path), JSON.stringify(change)).toThrow(DAMAGED)
    }
    for (const text of ['', '{', 'null', '[]', '"text"', JSON.stringify(byShares).slice(0, -1)]) {
      writeFileSync(path, text)
      expect(() => readSealDocument(path), text).toThrow(DAMAGED)
    }
  })
})

describe('a passphrase', () => {
  it('unseals what it sealed, and nothing else does', async () => {
    expect(bytesOf(await unseal(byPassphrase))).toBe(bytesOf(root))
    expect(await unseal(byPassphrase, `${PASSPHRASE} `)).toBeUndefined()
    expect(await unseal(byPassphrase, PASSPHRASE.toUpperCase())).toBeUndefined()
    expect(await unseal(byPassphrase, '')).toBeUndefined()
  })

  it('does not unseal a file whose salt, root key id or wrapped key was changed', async () => {
    const wrapped = Buffer.from(byPassphrase.wrapped, 'base64')
    wrapped[40] = (wrapped[40] as number) ^ 1
    for (const change of [
      { salt: Buffer.alloc(16).toString('base64') },
      { rootKeyId: 'ab'.repeat(16) },
      { wrapped: wrapped.toString('base64') },
      { wrapped: byShares.wrapped },
      { wrapped: '' },
    ]) {
      expect(await unseal({ ...byPassphrase, ...change }), JSON.stringify(change)).toBeUndefined()
    }
  })

  it('is not made cheap to guess by a changed file', async () => {
    const cheap = { ...byPassphrase, cost: { memoryKiB: 8, passes: 1, lanes: 1 } }
    await expect(unseal(cheap)).rejects.toThrow('The cost of a passphrase')
  })

  it('is zeroed, right or wrong', async () => {
    for (const text of [PASSPHRASE, 'a wrong passphrase']) {
      const passphrase = Buffer.from(text)
      await unsealWithPassphrase(byPassphrase, passphrase)
      expect(passphrase).toEqual(Buffer.alloc(passphrase.length))
    }
    const passphrase = Buffer.from(PASSPHRASE)
    await sealWithPassphrase(root, passphrase)
    expect(passphrase).toEqual(Buffer.alloc(passphrase.length))
  })
})

describe('shares', () => {
  it('unseal where they are enough and belong together', async () => {
    const [one, two, three] = shares as [Buffer, Buffer, Buffer]
    for (const given of [
      [one, two],
      [three, one],
      [two, three],
      [one, two, three],
    ]) {
      expect(bytesOf(await unsealWithShares(byShares, given))).toBe(bytesOf(root))
    }
    const other = await sealWithShares(root, 3, 2)
    const foreign = readShare(other.document, other.shares[2] as string)
    expect(await unsealWithShares(byShares, [one, foreign])).toBeUndefined()
  })

  it('are refused with any character changed, cut or of another set', async () => {
    const sealed = await sealWithShares(root, 2, 2)
    const text = sealed.shares[0] as string
    expect(() => readShare(sealed.document, ` ${text}\n`)).not.toThrow()
    for (let at = 'keyhold-share-'.length; at < text.length; at++) {
      const changed = text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1)
      expect(() => readShare(sealed.document, changed), changed).toThrow(/no share|typing error/)
      expect(() => readShare(sealed.document, text.slice(0, at))).toThrow('no share')
    }
    expect(() => readShare(byShares, text)).toThrow(`needs set ${byShares.set}`)
  })
})
