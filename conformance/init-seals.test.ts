// Installations made with each seal, and places where none can be made.
import { cpSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { keyhold, keyholdOnTerminal, startSealed } from './operator-programs.ts'
import { filesBelow, placesOf } from './secret-places.ts'
import { newDirectory } from './server-program.ts'
import { openPassphraseSeal } from './stranger.ts'

const PASSPHRASE = 'grün correct horse battery staple'
const ON_3 = ['--passphrase-fd', '3']

vi.setConfig({ testTimeout: 90_000 })

const directory = newDirectory()
afterAll(() => directory.remove())

it('an installation is made by a passphrase typed twice on a terminal', async () => {
  const typed = join(directory.path, 'typed')
  const { code, stdout } = await keyholdOnTerminal(
    ['init', '--data', typed, '--seal', 'passphrase'],
    [
      ['Passphrase for the seal: ', `${PASSPHRASE}\r`],
      ['Once more: ', `${PASSPHRASE}\r`],
    ],
  )
  expect([code, stdout]).toEqual([0, expect.stringContaining('sealed by the passphrase')])
  expect(stdout).not.toContain('horse')
  const document = JSON.parse(readFileSync(join(typed, 'seal.json'), 'utf8'))
  expect(openPassphraseSeal(document, PASSPHRASE)).toHaveLength(32)
})

it('a directory whose path is too long for a socket is refused before anything is made', async () => {
  const long = join(directory.path, 'x'.repeat(80))
  const { code, stderr } = await keyhold(['init', '--data', long])
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining('is too long for the operator socket'),
  ])
  expect(existsSync(long)).toBe(false)
})

it('an installation is made with shares, told once', async () => {
  const shared = join(directory.path, 'shared')
  const made = ['init', '--data', shared, '--seal', 'shares', '--shares', '3', '--threshold', '2']
  const { stdout } = await keyhold(made)
  const shares = [...stdout.matchAll(/keyhold-share-\S+/g)].map(([share]) => share)
  expect(shares).toHaveLength(3)
  const files = filesBelow(shared)
  for (const share of shares) {
    expect(placesOf(Buffer.from(share.split('-')[3] as string, 'hex'), files)).toEqual([])
  }
  const started = startSealed(shared, ['--workers', '1'])
  await started.line('sealed')
  for (const share of shares.slice(1)) await keyhold(['unseal', '--data', shared, ...ON_3], share)
  await started.line('ready')
  await started.kill()

  // The seal of another installation is refused at once, before anybody is asked for its secret.
  const other = join(directory.path, 'other seal')
  cpSync(shared, other, { recursive: true, filter: (name) => !name.endsWith('.sock') })
  cpSync(join(directory.path, 'typed', 'seal.json'), join(other, 'seal.json'))
  const refused = startSealed(other, ['--workers', '1'])
  await expect(refused.line('sealed')).rejects.toThrow('This is not the root key of this database')
  expect(await refused.stop()).toBe(2)
})
