// npm test: installs what the suites need where that is possible, checks the code, runs every test.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'

/** Real parts that suites talk to; a suite whose part is missing says that it is skipped. */
const PARTS = [
  { name: 'PostgreSQL', package: 'postgresql', present: hasPostgres },
  { name: 'AWS CLI', package: 'awscli', present: () => existsSync('/usr/bin/aws') },
  { name: 'boto3', package: 'python3-boto3', present: hasBoto3 },
  { name: 'strace', package: 'strace', present: () => isOnPath('strace') },
  { name: 'OpenSSL', package: 'openssl', present: () => isOnPath('openssl') },
  { name: 'C compiler', package: 'gcc', present: () => isOnPath('cc') || isOnPath('gcc') },
]

const missing = PARTS.filter((part) => !part.present())
if (missing.length > 0) provide(missing)

// What it cannot compile it says; the suites then test what takes its place.
spawnSync(process.execPath, ['scripts/build-native.mjs'], { stdio: 'inherit' })

await Promise.all([
  check('Types', 'tsc', ['--noEmit']),
  check('Import rules', 'depcruise', ['--config', '.dependency-cruiser.mjs', ...folders()]),
  check('Formatting and lint', 'biome', ['check', '.']),
  check('Unused code', 'knip', []),
])
test('vitest', ['run', ...process.argv.slice(2)])

function provide(parts) {
  const packages = parts.map((part) => part.package)
  if (process.getuid?.() === 0 && isOnPath('apt-get')) {
    process.stderr.write(`Installing ${packages.join(', ')} …\n`)
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const options = { stdio: ['ignore', 'ignore', 'inherit'], env: environment }
    spawnSync('apt-get', ['update', '-q'], options)
    spawnSync('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packages], options)
  }
  for (const part of parts) {
    if (part.present()) continue
    process.stderr.write(
      `MISSING: ${part.name}. Its suites are skipped. On Debian: apt-get install ${part.package}\n`,
    )
  }
}

/** Runs beside the others, and tells all that it has to say at its end. */
async function check(what, command, args) {
  const startedAtMs = Date.now()
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const said = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => said.push(part))
  const [status] = await once(child, 'close')
  process.stderr.write(`\n── ${what}\n`)
  process.stderr.write(Buffer.concat(said))
  end(what, command, args, status, startedAtMs)
}

function test(command, args) {
  const startedAtMs = Date.now()
  process.stderr.write('\n── Tests\n')
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  end('Tests', command, args, status, startedAtMs)
}

function end(what, command, args, status, startedAtMs) {
  if (status !== 0) {
    process.stderr.write(
      `\n${what}: failed. Run it alone with: npx ${[command, ...args].join(' ')}\n`,
    )
    process.exit(status ?? 1)
  }
  process.stderr.write(`── ${what}: passed in ${Math.round((Date.now() - startedAtMs) / 1000)} s\n`)
}

function folders() {
  return ['server', 'cli', 'launch', 'conformance', 'bench'].filter((folder) => existsSync(folder))
}

function hasPostgres() {
  const root = '/usr/lib/postgresql'
  return isOnPath('initdb') || (existsSync(root) && readdirSync(root).length > 0)
}

function hasBoto3() {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import boto3'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function isOnPath(command) {
  return (process.env.PATH ?? '').split(':').some((folder) => {
    try {
      accessSync(`${folder}/${command}`, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
