// The TLS files of a listener: what they must be together, and how to notice that they were replaced.
// Protocols and suites as in https://datatracker.ietf.org/doc/html/rfc9325 (BCP 195).
import { readFileSync, statSync } from 'node:fs'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { type Certificate, readCertificates } from '../crypto/certificate.ts'

export type TlsFiles = {
  /** The certificate and those that lead from it to its authority, PEM. */
  readonly certFile: string
  readonly keyFile: string
  /** The authority whose certificates clients must present; nobody is asked for one where there is none. */
  readonly clientCaFile: string | undefined
}

export type LoadedTls = {
  readonly options: SecureContextOptions
  readonly certificate: Certificate
}

/** Forward secrecy and authenticated encryption, or nothing. The last six are of TLS 1.2. */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

/** Reads the files; throws where one is missing or damaged, or the key is not the certificate's. */
export function loadTls({ certFile, keyFile, clientCaFile }: TlsFiles): LoadedTls {
  const cert = readFileSync(certFile)
  const key = readFileSync(keyFile)
  const [certificate] = within(certFile, () => readCertificates(cert))
  const isMatch = within(keyFile, () => certificate.isFor(key))
  if (!isMatch) throw new Error(`${keyFile} is not the key of the certificate in ${certFile}`)
  const options: SecureContextOptions = { cert, key, ciphers: CIPHERS, minVersion: 'TLSv1.2' }
  if (clientCaFile !== undefined) {
    const ca = readFileSync(clientCaFile)
    // An empty list would fall back to the authorities that the whole world trusts.
    within(clientCaFile, () => readCertificates(ca))
    options.ca = ca
  }
  // Everything else that OpenSSL refuses is refused here, before the options in use are replaced.
  within(certFile, () => createSecureContext(options))
  return { options, certificate }
}

/** Changes when any of the files is written, replaced, or linked to another one. */
export function fingerprintOf({ certFile, keyFile, clientCaFile }: TlsFiles): string {
  return [certFile, keyFile, clientCaFile]
    .map((file) => {
      const stat = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false })
      return stat && `${stat.dev}/${stat.ino}/${stat.size}/${stat.mtimeMs}/${stat.ctimeMs}`
    })
    .join()
}

/** OpenSSL's own words name no file. */
function within<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`)
  }
}
