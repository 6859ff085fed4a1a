// Compiles the add-on in server/crypto/native, where there is a compiler; says so where there is none, and
// never fails: without it some signatures are made in JavaScript (docs/decisions/0009-digest-signing.md), and
// the hot path is slower (docs/decisions/0013-one-call-cryptography.md).
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = `${root}server/crypto/native`
const output = `${folder}/build/add-on.node`
// The headers of the Node.js that will load it: as its package brings them, or as it was installed.
const headers = [
  `${root}node_modules/node-linux-${process.arch}/include/node`,
  join(dirname(process.execPath), '../include/node'),
].find((folder) => existsSync(`${folder}/node_api.h`))

const FLAGS = [
  '-std=c11 -O2 -fPIC -shared -Wall -Wextra -fvisibility=hidden',
  '-fstack-protector-strong -D_FORTIFY_SOURCE=2',
  '-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack',
].flatMap((line) => line.split(' '))

process.stdout.write(`native add-on: ${attempt()}\n`)

function attempt() {
  try {
    return build()
  } catch (error) {
    return `not compiled, some signatures will be made in JavaScript, and calls cost more: ${error.message}`
  }
}

function build() {
  if (headers === undefined) return skipped('no headers of Node.js')
  const fresh = `${output}.${process.pid}`
  mkdirSync(`${folder}/build`, { recursive: true })
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith('.c'))
    .map((name) => `${folder}/${name}`)
  for (const compiler of ['cc', 'gcc', 'clang']) {
    const made = spawnSync(compiler, [...FLAGS, `-I${headers}`, ...sources, '-o', fresh])
    if (made.error) continue
    if (made.status === 0) {
      renameSync(fresh, output)
      return `compiled by ${compiler}`
    }
    rmSync(fresh, { force: true })
    return skipped(`${compiler} failed:\n${made.stderr}`)
  }
  return skipped('no C compiler. On Debian: apt-get install gcc libc6-dev')
}

/** What an older source was compiled to must not stay. */
function skipped(why) {
  rmSync(output, { force: true })
  return `not compiled, some signatures will be made in JavaScript, and calls cost more: ${why}`
}
