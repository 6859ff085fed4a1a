// Making an installation: once, by one process.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { OperatorError, readInitConfig } from './config.ts'
import { initialise } from './installation.ts'
import { DirectoryInUseError, lockDirectory } from './storage/directory-lock.ts'

function newPlace() {
  const data = mkdtempSync(join(tmpdir(), 'keyhold-installation-'))
  onTestFinished(() => rmSync(data, { recursive: true }))
  const options = { accountId: '111122223333', listen: '127.0.0.1:8480', regions: 'us-east-1' }
  return readInitConfig({ data, ...options })
}

it('An installation is made by one of several that try at once', async () => {
  const config = newPlace()
  const made = await Promise.allSettled([
    initialise(config),
    initialise(config),
    initialise(config),
  ])
  expect(made.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  await expect(initialise(config)).rejects.toThrow(OperatorError)
})

it('No installation is made in a directory that another process works in', async () => {
  const config = newPlace()
  const unlock = lockDirectory(config.place.directory)
  await expect(initialise(config)).rejects.toThrow(DirectoryInUseError)
  expect(existsSync(config.place.rootKeyFile)).toBe(false)
  unlock()
  await initialise(config)
})
