// What npm packs, laid where npm installs packages, and started by the Node.js that the system has, however old.
import { execFileSync } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CreateKeyCommand, GenerateDataKeyPairCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newDirectory, startServer } from './server-program.ts'

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url))
/** Without the Node.js that the project brings along. */
const PATH = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((folder) => !folder.includes('node_modules'))
  .join(delimiter)

const directory = newDirectory()
const modules = join(directory.path, 'lib/node_modules')
const keyhold = join(directory.path, 'keyhold')
let files: string[]

beforeAll(() => {
  const packing = ['pack', '--json', '--ignore-scripts', '--pack-destination', directory.path]
  const [packed] = JSON.parse(
    execFileSync('npm', packing, { cwd: REPOSITORY, encoding: 'utf8', stdio: 'pipe' }),
  )
  files = packed.files.map(({ path }: { path: string }) => path)
  mkdirSync(modules, { recursive: true })
  execFileSync('tar', ['xzf', join(directory.path, packed.filename), '-C', modules])
  execFileSync('mv', [join(modules, 'package'), join(modules, 'keyhold')])
  for (const name of readdirSync(join(REPOSITORY, 'node_modules'))) {
    if (!name.startsWith('.')) {
      symlinkSync(join(REPOSITORY, 'node_modules', name), join(modules, name))
    }
  }
  symlinkSync(join(modules, 'keyhold/cli/keyhold.mjs'), keyhold)
})
afterAll(() => directory.remove())

describe('The package', () => {
  it('holds the programs and what is written for operators, and neither tests nor what was compiled here', () => {
    expect(files).toEqual(
      expect.arrayContaining([
        'cli/keyhold.mjs',
        'server/main.mjs',
        'docs/operating.md',
        'LICENSE',
      ]),
    )
    const stray = /\.test\.ts$|\/testing\/|^(?:conformance|bench)\/|\.node$|^\.|\/\./
    expect(files.filter((file) => stray.test(file))).toEqual([])
  })

  it('serves, and makes key pairs in a thread of its own', async () => {
    const launch = ['env', `PATH=${PATH}`, keyhold]
    const server = await startServer(join(directory.path, 'data'), ['--workers', '2'], launch)
    const kms = server.kms()
    const { KeyMetadata } = await kms.send(new CreateKeyCommand())
    const pair = { KeyId: KeyMetadata?.KeyId, KeyPairSpec: 'RSA_2048' } as const
    const { PublicKey } = await kms.send(new GenerateDataKeyPairCommand(pair))
    const key = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' })
    expect(key.asymmetricKeyDetails?.modulusLength).toBe(2048)
    expect(await server.stop()).toBe(0)
    expect(server.complaints()).toBe('')
  })
})
