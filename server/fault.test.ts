// Causes in words: by numbers alone, so that no path and no address is told to strangers.
import { expect, it } from 'vitest'
import { faultOf, findFault } from './fault.ts'
import { checkHealth, healthTogether, NotReady } from './health.ts'

const failure = (members: object, message = "open '/var/lib/keyhold/secret'") =>
  Object.assign(new Error(message), members)

it('A full disk, a read-only file system and a broken disk are told apart', () => {
  expect(findFault(failure({ code: 'ENOSPC' }))).toBe('the disk is full')
  expect(findFault(failure({ code: 'ERR_SQLITE_ERROR', errcode: 13 }))).toBe('the disk is full')
  expect(findFault(failure({ errcode: 10 | (19 << 8) }))).toBe('the disk is full')
  expect(findFault(failure({ code: 'EROFS' }))).toBe('the file system is read-only')
  expect(findFault(failure({ errcode: 8 | (4 << 8) }))).toBe('the file system is read-only')
  expect(findFault(failure({ errcode: 10 | (3 << 8) }))).toBe('the disk fails to read or write')
  expect(findFault(failure({ code: '53100' }))).toBe('the disk of the database is full')
})

it('The cause of an error is its cause, too', () => {
  const outer = new Error('the change feed cannot be read', { cause: failure({ code: 'EIO' }) })
  expect(findFault(outer)).toBe('the disk fails to read or write')
})

it('Anything else is no fault of the disk, and its message is told to nobody', () => {
  for (const error of [failure({}), failure({ code: 'EACCES' }), failure({ errcode: 1 }), 'text']) {
    expect(findFault(error)).toBeUndefined()
    expect(faultOf(error)).not.toMatch(/secret|var/)
  }
})

it('Health tells of each part that fails, why, also of several processes together', async () => {
  const well = await checkHealth({ store: () => {}, trail: () => {} })
  expect(well).toEqual({ ready: true, parts: { store: 'ok', trail: 'ok' }, why: {} })
  const ill = await checkHealth({
    seal: () => {
      throw new NotReady('sealed')
    },
    trail: () => Promise.reject(failure({ code: 'ENOSPC' })),
  })
  expect(ill.why).toEqual({ seal: 'sealed', trail: 'the disk is full' })
  expect(healthTogether([well, ill])).toEqual({
    ready: false,
    parts: { store: 'ok', seal: 'failing', trail: 'failing' },
    why: { seal: 'sealed', trail: 'the disk is full' },
  })
})
