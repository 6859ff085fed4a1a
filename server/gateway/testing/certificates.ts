// Certificates of authorities of our own, made by openssl, for tests with real TLS.
import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const hasOpenssl = spawnSync('openssl', ['version']).status === 0

export type Issued = { readonly certFile: string; readonly keyFile: string }

export type Authority = {
  readonly caFile: string
  /** A certificate for 127.0.0.1 by this name, and its key. */
  issue(name: string, options?: { days?: number; usage?: 'serverAuth' | 'clientAuth' }): Issued
}

const NEW_KEY = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

export function authority(directory: string, name: string): Authority {
  const path = (file: string) => join(directory, `${name}-${file}`)
  const caFile = path('ca.crt')
  const caKey = path('ca.key')
  const subject = ['-subj', `/CN=${name}`, '-days', '30']
  openssl(...NEW_KEY, '-x509', '-keyout', caKey, '-out', caFile, ...subject)
  return {
    caFile,
    issue(of, { days = 60, usage } = {}) {
      const certFile = path(`${of}.crt`)
      const keyFile = path(`${of}.key`)
      const request = path(`${of}.csr`)
      openssl(...NEW_KEY, '-keyout', keyFile, '-out', request, '-subj', `/CN=${of}`)
      const extensions = ['subjectAltName=IP:127.0.0.1', usage && `extendedKeyUsage=${usage}`]
      writeFileSync(path('extensions'), extensions.filter(Boolean).join('\n'))
      const signing = ['-CA', caFile, '-CAkey', caKey, '-CAcreateserial', '-days', String(days)]
      const files = ['-extfile', path('extensions'), '-out', certFile]
      openssl('x509', '-req', '-in', request, ...signing, ...files)
      return { certFile, keyFile }
    },
  }
}

function openssl(...words: string[]): void {
  execFileSync('openssl', words, { stdio: 'pipe' })
}
