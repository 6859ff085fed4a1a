import { describe, expect, it } from 'vitest'
import { readPostgresUrl } from './postgres-address.ts'

describe('A PostgreSQL URL', () => {
  it('gives user, password, hosts and database', () => {
    expect(readPostgresUrl('postgres://kms:p%40ss:word@db1:5433,db2/keys')).toEqual({
      hosts: [
        { host: 'db1', port: 5433 },
        { host: 'db2', port: 5432 },
      ],
      user: 'kms',
      password: 'p@ss:word',
      database: 'keys',
      tls: false,
    })
  })

  it('may name an IPv6 address or the directory of a Unix socket', () => {
    expect(readPostgresUrl('postgresql://u@[::1]:5433/d').hosts).toEqual([
      { host: '::1', port: 5433 },
    ])
    expect(readPostgresUrl('postgres:///d?host=/run/postgresql').hosts).toEqual([
      { host: '/run/postgresql', port: 5432 },
    ])
  })

  it.each([
    ['', false],
    ['?sslmode=disable', false],
    ['?sslmode=require', { rejectUnauthorized: false }],
    ['?sslmode=verify-full', { rejectUnauthorized: true }],
    ['?sslmode=require&sslrootcert=system', { rejectUnauthorized: true }],
  ])('with "%s" asks for TLS as libpq would', (query, tls) => {
    expect(readPostgresUrl(`postgres://u@h/d${query}`).tls).toEqual(tls)
  })

  it.each([
    'postgres://u:hunter2@h:99999/d',
    'postgres://u:hunter2@h:port/d',
    'postgres://u:hunter2%@h/d',
    'postgres//u:hunter2@h/d',
    'mysql://u:hunter2@h/d',
    'postgres://u:hunter2@h/d?sslmode=prefer',
    'postgres://u:hunter2@h/d?sslmod=require',
    'postgres://u:hunter2@h/d?sslmode=verify-full&sslrootcert=/nowhere',
  ])('that is wrong is refused without quoting its password', (url) => {
    let failure: unknown
    try {
      readPostgresUrl(url)
    } catch (error) {
      failure = error
    }
    expect(failure).toBeInstanceOf(Error)
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('hunter2')
  })
})
