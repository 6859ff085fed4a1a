#!/usr/bin/env node
// Starts Keyhold on the Node.js that it brings along, whichever one the system has.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { inheritedStreams } from './inherited-streams.mjs'

const OLDEST = [24, 15]

const program = fileURLToPath(import.meta.url)
const [major, minor] = process.versions.node.split('.').map(Number)

if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) {
  await import('../launch/launch.mjs')
  await import('./main.ts')
} else {
  const child = spawn(ownNode(), [program, ...process.argv.slice(2)], {
    stdio: inheritedStreams(process.argv.slice(2)),
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) {
    process.on(signal, () => child.kill(signal))
  }
  child.on('error', (error) =>
    fail(`The Node.js that comes with Keyhold does not start: ${error.message}`),
  )
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

function ownNode() {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  try {
    return createRequire(import.meta.url).resolve(`${name}/bin/node`)
  } catch {
    return fail(
      `Keyhold needs Node.js ${OLDEST.join('.')} or newer; this is ${process.versions.node}, and ${name} is not installed. Install a newer Node.js, or run npm install again without --omit=optional.`,
    )
  }
}

function fail(message) {
  process.stderr.write(`keyhold: ${message}\n`)
  process.exit(2)
}
