import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authority, hasOpenssl, type Issued } from '../gateway/testing/certificates.ts'
import { watchTls } from './tls-watch.ts'

describe.skipIf(!hasOpenssl)('TLS files of a running server', () => {
  let directory: string
  let made: ReturnType<typeof authority>
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'keyhold-watch-'))
    made = authority(directory, 'authority')
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  function watched(everyMs: number) {
    const files = {
      certFile: join(directory, 'cert'),
      keyFile: join(directory, 'key'),
      clientCaFile: undefined,
    }
    const put = ({ certFile, keyFile }: Issued) => {
      copyFileSync(certFile, files.certFile)
      copyFileSync(keyFile, files.keyFile)
    }
    put(made.issue('first'))
    const logged: { msg: string; problem?: string; subject?: string }[] = []
    const reloads: string[] = []
    const log = pino({}, { write: (line: string) => logged.push(JSON.parse(line)) })
    const watch = watchTls(files, () => reloads.push('reload'), log, everyMs)
    return { files, put, logged, reloads, watch }
  }

  it('are loaded when asked for', () => {
    const { put, logged, reloads, watch } = watched(60_000)
    put(made.issue('second'))
    watch.reloadNow()
    watch.stop()
    expect(reloads).toHaveLength(1)
    expect(logged).toMatchObject([{ subject: 'CN=second' }])
  })

  it('are loaded by themselves when they change, and left alone while they do not', async () => {
    const { put, reloads, watch } = watched(20)
    await delay(100)
    expect(reloads).toHaveLength(0)
    put(made.issue('second'))
    await expect.poll(() => reloads.length).toBeGreaterThan(0)
    await delay(60)
    const count = reloads.length
    await delay(100)
    expect(reloads).toHaveLength(count)
    watch.stop()
  })

  it('that are broken change nothing, are told once, and are loaded when they are mended', async () => {
    const { files, put, logged, reloads, watch } = watched(20)
    writeFileSync(files.keyFile, 'half a k')
    await expect.poll(() => logged.length).toBe(1)
    await delay(100)
    expect(logged).toMatchObject([{ problem: expect.stringContaining(files.keyFile) }])
    expect(reloads).toHaveLength(0)
    put(made.issue('mended'))
    await expect.poll(() => reloads.length).toBeGreaterThan(0)
    expect(logged.at(-1)).toMatchObject({ subject: 'CN=mended' })
    watch.stop()
  })

  it('that have expired are told of', () => {
    const { put, logged, watch } = watched(60_000)
    put(made.issue('expired', { days: -1 }))
    watch.reloadNow()
    watch.stop()
    expect(logged.map(({ msg }) => msg)).toContain('the TLS certificate has expired')
  })
})
