// Whom to believe that an OpenID Connect issuer is who it says: the system's authorities, and the operator's.
import { readFileSync } from 'node:fs'
import { createSecureContext, getCACertificates } from 'node:tls'
import { OperatorError } from '../operator-error.ts'

/**
 * Certificates, PEM; `file` is what `--oidc-ca` names, and it is read at once. The system's are read when they are first
 * asked for, and kept: some 150, which most servers never need.
 */
export function readOidcAuthorities(file: string | undefined): () => readonly string[] {
  const own = file === undefined ? [] : readCertificates(file)
  let all: readonly string[] | undefined
  return () => {
    all ??= [...authoritiesOfSystem(), ...own]
    return all
  }
}

/** A machine without any of its own has those that Node.js brings along. */
function authoritiesOfSystem(): readonly string[] {
  const system = getCACertificates('system')
  return system.length > 0 ? system : getCACertificates('bundled')
}

function readCertificates(file: string): readonly string[] {
  try {
    const found = readFileSync(file, 'utf8').match(CERTIFICATE)
    if (found === null) throw new Error('there is no certificate in it')
    createSecureContext({ ca: found })
    return found
  } catch (error) {
    throw new OperatorError(`--oidc-ca ${file}: ${(error as Error).message}`)
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g
