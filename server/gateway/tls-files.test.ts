import { mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authority, hasOpenssl, type Issued } from './testing/certificates.ts'
import { fingerprintOf, loadTls } from './tls-files.ts'

describe.skipIf(!hasOpenssl)('TLS files', () => {
  let directory: string
  let server: Issued
  let other: Issued
  let caFile: string
  const path = (name: string) => join(directory, name)
  const written = (name: string, text: string | Buffer) => {
    writeFileSync(path(name), text)
    return path(name)
  }

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'keyhold-tls-'))
    const made = authority(directory, 'authority')
    caFile = made.caFile
    server = made.issue('server')
    other = made.issue('other')
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  const load = (files: object) => loadTls({ ...server, clientCaFile: undefined, ...files })

  it('that belong together are loaded', () => {
    expect(load({}).certificate.subject).toBe('CN=server')
    expect(load({}).options.ca).toBeUndefined()
    expect(load({ clientCaFile: caFile }).options.ca).toEqual(readFileSync(caFile))
  })

  it('with a chain are loaded, and tell of the first certificate', () => {
    const chain = Buffer.concat([readFileSync(server.certFile), readFileSync(caFile)])
    expect(load({ certFile: written('chain', chain) }).certificate.subject).toBe('CN=server')
    const turned = Buffer.concat([readFileSync(caFile), readFileSync(server.certFile)])
    expect(() => load({ certFile: written('turned', turned) })).toThrow('is not the key')
  })

  it('are refused where the key is another certificate’s', () => {
    expect(() => load({ keyFile: other.keyFile })).toThrow(
      `${other.keyFile} is not the key of the certificate in ${server.certFile}`,
    )
  })

  it('are refused, by the name of the file, where one is missing, empty, damaged or the wrong one', () => {
    const cut = (file: string) => readFileSync(file).subarray(0, -40)
    for (const [member, bad] of [
      ['certFile', path('nowhere')],
      ['certFile', written('empty.crt', '')],
      ['certFile', written('cut.crt', cut(server.certFile))],
      ['certFile', server.keyFile],
      ['keyFile', path('nowhere')],
      ['keyFile', written('empty.key', '')],
      ['keyFile', written('cut.key', cut(server.keyFile))],
      ['keyFile', server.certFile],
      ['clientCaFile', path('nowhere')],
      ['clientCaFile', written('empty.ca', '')],
      ['clientCaFile', written('words.ca', 'no certificate\n')],
      ['clientCaFile', written('cut.ca', cut(caFile))],
    ] as const) {
      expect(() => load({ [member]: bad }), `${member} ${bad}`).toThrow(bad)
    }
  })

  it('tell nothing of a key in what is said of it', () => {
    const words = readFileSync(server.keyFile, 'utf8').split('\n').slice(1, 3)
    const spoilt = written('spoilt.key', `${words.join('\n')}\n`)
    try {
      load({ keyFile: spoilt })
      expect.fail('it was loaded')
    } catch (error) {
      for (const word of words) expect(String((error as Error).stack)).not.toContain(word)
    }
  })

  it('that are written, replaced or linked elsewhere are noticed', () => {
    const files = { certFile: path('a'), keyFile: path('b'), clientCaFile: undefined }
    const seen = new Set<string>()
    const notice = (change: () => void) => {
      change()
      const fingerprint = fingerprintOf(files)
      expect(seen.has(fingerprint)).toBe(false)
      expect(fingerprintOf(files)).toBe(fingerprint)
      seen.add(fingerprint)
    }
    notice(() => {})
    notice(() => writeFileSync(path('a'), '1'))
    notice(() => writeFileSync(path('b'), '1'))
    notice(() => writeFileSync(path('b'), '22'))
    notice(() => renameSync(written('new', '22'), path('b')))
    notice(() => rmSync(path('a')))
    notice(() => symlinkSync(path('b'), path('a')))
    written('elsewhere', '22')
    notice(() => {
      rmSync(path('a'))
      symlinkSync(path('elsewhere'), path('a'))
    })
  })
})
