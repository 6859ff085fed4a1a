import { describe, expect, it } from 'vitest'
import { requireSafeDatabaseUrl } from './database-url.ts'
import { OperatorError } from './operator-error.ts'

describe('A database URL', () => {
  it.each([
    'postgres://u:hunter2@db.internal/keyhold',
    'postgres://u:hunter2@10.0.0.7:5433/keyhold',
    'postgres://u:hunter2@[fd00::7]/keyhold',
    'postgres://u:hunter2@127.0.0.1,db.internal/keyhold',
    'postgres://u:hunter2@/keyhold?host=db.internal',
    'postgres://u:hunter2@127.0.0.1.example.org/keyhold',
    'postgres://u:hunter2@localhost.example.org/keyhold',
    'postgres://u:sslmode=disable@db.internal/keyhold',
    'postgres://u:hunter2@db.internal/sslmode=disable',
    'postgres://u:hunter2@db.internal/keyhold?target_session_attrs=sslmode',
  ])('that leads over a network without saying how is refused (%s)', (url) => {
    expect(() => requireSafeDatabaseUrl(url)).toThrow(OperatorError)
    expect(() => requireSafeDatabaseUrl(url)).toThrow(/sslmode=verify-full.*sslmode=disable/)
    expect(() => requireSafeDatabaseUrl(url)).not.toThrow('hunter2')
  })

  it.each([
    'postgres://u@localhost/keyhold',
    'postgres://u@127.0.0.2:5433/keyhold',
    'postgres://u@[::1]/keyhold',
    'postgres://u@/keyhold?host=/run/postgresql',
    'postgres://u@db.internal/keyhold?sslmode=disable',
    'postgres://u@db.internal/keyhold?sslmode=verify-full',
    'postgres://u@db.internal,db2.internal/keyhold?target_session_attrs=read-write&sslmode=require',
  ])('that stays on this machine, or says how it travels, is taken (%s)', (url) => {
    expect(() => requireSafeDatabaseUrl(url)).not.toThrow()
  })

  it('that cannot be read is the operator’s to mend, and is not quoted', () => {
    for (const url of ['mysql://u:hunter2@h/d', 'postgres://u:hunter2@h/d?sslmode=maybe']) {
      expect(() => requireSafeDatabaseUrl(url)).toThrow(OperatorError)
      expect(() => requireSafeDatabaseUrl(url)).not.toThrow('hunter2')
    }
  })
})
