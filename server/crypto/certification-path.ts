// Validation of certification paths (RFC 5280 §6.1) from configured roots, without revocation lists.
// https://github.com/aws/aws-nitro-enclaves-nsm-api/blob/main/docs/attestation_process.md
import { verify } from 'node:crypto'
import type { PublicKey } from './key-pair.ts'
import { type PathCertificate, readPathCertificate } from './path-certificate.ts'
import { onThreadPool } from './thread-pool.ts'

/** A root that the operator trusts. */
export type TrustedRoot = PathCertificate

/** A path that holds: the key at its end, and from when until when all of its certificates are valid. */
export type ValidPath = {
  readonly key: PublicKey
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

const PEM = /-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g

/** The roots of a PEM file; throws, in words for the operator, where it has none or one is unfit. */
export function readTrustedRoots(pem: Buffer): readonly TrustedRoot[] {
  const found = [...pem.toString('latin1').matchAll(PEM)]
  if (found.length === 0) throw new Error('it holds no certificate in PEM')
  return found.map(([, base64], index) => {
    const root = readPathCertificate(Buffer.from(base64 as string, 'base64'))
    if (root === undefined || !isIssuer(root)) {
      throw new Error(
        `certificate ${index + 1} is no authority with a key on P-384, signed with ECDSA and SHA-384`,
      )
    }
    return root
  })
}

/**
 * The path from root to leaf, where it holds now: it begins with one of the roots, each vouches for the
 * next, and none is used for what it is not for. Else what is wrong with it.
 */
export async function validatePath(
  path: readonly Uint8Array[],
  roots: readonly TrustedRoot[],
  nowMs: number,
): Promise<ValidPath | string> {
  const certificates: PathCertificate[] = []
  for (const der of path) {
    const certificate = readPathCertificate(der)
    if (certificate === undefined) return 'a certificate is malformed'
    certificates.push(certificate)
  }
  const [root, ...rest] = certificates
  const leaf = rest.at(-1)
  if (root === undefined || !roots.some(({ der }) => der.equals(root.der))) {
    return 'its certificates do not begin with a trusted root'
  }
  if (leaf === undefined) return 'it has no certificate of its own'
  const notBeforeMs = Math.max(...certificates.map((one) => one.notBeforeMs))
  const notAfterMs = Math.min(...certificates.map((one) => one.notAfterMs))
  if (!(notBeforeMs <= nowMs && nowMs <= notAfterMs)) {
    return 'a certificate has expired or is not valid yet'
  }
  if (!certificates.slice(0, -1).every((one, at) => isIssuer(one, certificates.length - 2 - at))) {
    return 'a certificate was issued by what may not issue it'
  }
  if (leaf.isAuthority || leaf.maxAuthoritiesBelow !== undefined || !leaf.maySign) {
    return 'its certificate is not one that signs documents'
  }
  // Downwards: nobody makes us verify more than one signature that is not of this tree.
  for (const [at, certificate] of rest.entries()) {
    if (!(await isIssuedBy(certificate, certificates[at] as PathCertificate))) {
      return 'a certificate was not issued by the one before it'
    }
  }
  return { key: leaf.key, notBeforeMs, notAfterMs }
}

function isIssuer(one: PathCertificate, authoritiesBelow = 0): boolean {
  const { maxAuthoritiesBelow: most = Number.POSITIVE_INFINITY } = one
  return one.isAuthority && one.mayCertify && authoritiesBelow <= most
}

async function isIssuedBy(certificate: PathCertificate, issuer: PathCertificate): Promise<boolean> {
  if (!certificate.x509.checkIssued(issuer.x509)) return false
  return onThreadPool(
    () =>
      new Promise((resolve) => {
        const { signed, signature } = certificate
        verify('sha384', signed, issuer.key, signature, (error, right) => resolve(!error && right))
      }),
  )
}
