// Compiles server/crypto/native/digest-signing.c, where there is a compiler; says so where there is none,
// and never fails: without it some signatures are made in JavaScript (docs/decisions/0009-digest-signing.md).
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = `${root}server/crypto/native`
const output = `${folder}/build/digest-signing.node`
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

process.stdout.write(`digest-signing: ${attempt()}\n`)

function attempt() {
  try {
    return build()
  } catch (error) {
    return `not compiled, some signatures will be made in JavaScript: ${error.message}`
  }
}

function build() {
  if (headers === undefined) return skipped('no headers of Node.js')
  const fresh = `${output}.${process.pid}`
  mkdirSync(`${folder}/build`, { recursive: true })
  for (const compiler of ['cc', 'gcc', 'clang']) {
    const source = `${folder}/digest-signing.c`
    const made = spawnSync(compiler, [...FLAGS, `-I${headers}`, source, '-o', fresh])
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
  return `not compiled, some signatures will be made in JavaScript: ${why}`
}
