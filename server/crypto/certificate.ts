// X.509 certificates (RFC 5280) as an operator handles them: PEM in files.
import { createPrivateKey, X509Certificate } from 'node:crypto'

export type Certificate = {
  readonly subject: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
  /** Whether the private key, in PEM, is the one that this certificate is for. */
  isFor(privateKeyPem: Buffer): boolean
}

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** The certificates of a PEM file in their order; throws where there is none, or one is damaged. */
export function readCertificates(pem: Buffer): readonly [Certificate, ...Certificate[]] {
  const [first, ...rest] = pem.toString('latin1').match(PEM) ?? []
  if (first === undefined) throw new Error('it holds no certificate in PEM')
  return [readCertificate(first), ...rest.map(readCertificate)]
}

function readCertificate(pem: string): Certificate {
  const certificate = new X509Certificate(pem)
  return {
    // Several names stand on lines of their own.
    subject: certificate.subject?.replaceAll('\n', ', ') ?? '',
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
    isFor: (privateKeyPem) => certificate.checkPrivateKey(createPrivateKey(privateKeyPem)),
  }
}
