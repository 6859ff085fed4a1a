// Reads a PostgreSQL connection URL. Its errors never quote it: it may hold a password.
// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS

import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'

export type PostgresHost = { readonly host: string; readonly port: number }

export type PostgresAddress = {
  /** In the order to be tried; one beginning with a slash is the directory of a Unix socket. */
  readonly hosts: readonly PostgresHost[]
  readonly user: string
  readonly password: string
  readonly database: string
  /** False: unencrypted. With `rejectUnauthorized: false` the server is not verified. */
  readonly tls: false | ConnectionOptions
}

const knownParameters = new Set(['host', 'sslmode', 'sslrootcert', 'target_session_attrs'])

/** Reads `postgres://user:password@host:5432,host:5432/database?sslmode=verify-full`. */
export function readPostgresUrl(text: string): PostgresAddress {
  const match = /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(
    text,
  )
  if (!match) throw new Error('the PostgreSQL URL is not of the form postgres://user@host/database')
  const [, credentials = '', authority = '', path = '', query = ''] = match
  const [user = '', ...password] = credentials.split(':')
  const parameters = new URLSearchParams(query)
  for (const name of parameters.keys()) {
    if (!knownParameters.has(name))
      throw new Error(`unknown parameter of a PostgreSQL URL: ${name}`)
  }
  const name = decode(user) || 'postgres'
  return {
    hosts: (authority || parameters.get('host') || 'localhost').split(',').map(readHost),
    user: name,
    password: decode(password.join(':')),
    database: decode(path) || name,
    tls: readTls(parameters.get('sslmode') ?? 'disable', parameters.get('sslrootcert')),
  }
}

function readHost(text: string): PostgresHost {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(decode(text))
  const port = Number(match?.[2] ?? 5432)
  if (!match || port < 1 || port > 65535)
    throw new Error('a host of the PostgreSQL URL is malformed')
  return { host: (match[1] || 'localhost').replace(/^\[|\]$/g, ''), port }
}

function readTls(mode: string, rootCertificate: string | null): PostgresAddress['tls'] {
  if (mode === 'disable') return false
  if (mode === 'require' && !rootCertificate) return { rejectUnauthorized: false }
  if (mode === 'require' || mode === 'verify-ca' || mode === 'verify-full') {
    return rootCertificate && rootCertificate !== 'system'
      ? { ca: readFileSync(rootCertificate), rejectUnauthorized: true }
      : { rejectUnauthorized: true }
  }
  throw new Error(
    'sslmode of the PostgreSQL URL is one of disable, require, verify-ca, verify-full',
  )
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Error('the PostgreSQL URL has a broken percent-encoding')
  }
}
