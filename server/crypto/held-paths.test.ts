// Paths that held are not verified again, as long as they hold and are the same to the byte.
import { expect, it, vi } from 'vitest'
import { readTrustedRoots, validatePath } from './certification-path.ts'
import { heldPaths } from './held-paths.ts'
import { authority, pemOf, signer } from './testing/certificates.ts'

const HOUR_MS = 3_600_000

const root = authority('root')
const zonal = authority('zonal', root)
const leaf = signer(zonal)
const path = [root, zonal, leaf].map(({ certificate }) => certificate)
const roots = readTrustedRoots(Buffer.from(pemOf(root)))

function watched() {
  const validate = vi.fn(validatePath)
  return { validate, holds: heldPaths(roots, validate) }
}

it('a path that held is verified once', async () => {
  const { validate, holds } = watched()
  const first = await holds(path, Date.now())
  expect(first).toHaveProperty('key')
  expect(await holds(path.map(Buffer.from), Date.now())).toBe(first)
  expect(validate).toHaveBeenCalledTimes(1)
})

it('a path that held does so no longer when a certificate has expired', async () => {
  const { holds } = watched()
  await holds(path, Date.now())
  const message = 'a certificate has expired or is not valid yet'
  expect(await holds(path, Date.now() + 4 * HOUR_MS)).toBe(message)
  expect(await holds(path, Date.now() - 2 * HOUR_MS)).toBe(message)
  expect(await holds(path, Date.now())).toHaveProperty('key')
})

it('a path that did not hold is not believed later, nor is one that is another in any way', async () => {
  const { validate, holds } = watched()
  await holds(path, Date.now())
  const broken = Buffer.from(leaf.certificate)
  broken[broken.length - 1] = (broken.at(-1) as number) ^ 1
  const others = [
    [path[0], path[1], broken],
    [path[0], path[1]],
    [path[0], path[2]],
    [path[1], path[2]],
    [Buffer.concat([path[0], path[1]] as Buffer[]), path[2]],
  ] as Buffer[][]
  for (const other of [...others, ...others]) {
    expect(typeof (await holds(other, Date.now()))).toBe('string')
  }
  expect(validate).toHaveBeenCalledTimes(1 + 2 * others.length)
})
