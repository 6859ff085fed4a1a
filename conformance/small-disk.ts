// A disk of a few megabytes that tests fill up and make read-only: a tmpfs in a mount namespace of its
// own, which ends with the process that holds it (root on Linux).
import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newDirectory, type Outcome } from './server-program.ts'

const SERVER = fileURLToPath(new URL('../server/main.mjs', import.meta.url))
const MEBIBYTES = 8
const PIECE = Buffer.alloc(4096, 'ballast')

/** Whether this machine lets us mount; where not, `why` says what is missing. */
export const canMount =
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0

export type SmallDisk = {
  /** The directory of the installation, as the server sees it. */
  readonly data: string
  /** What starts a program where the disk is mounted. */
  readonly launch: readonly string[]
  /** Runs a program of Keyhold there, to its end. */
  run(args: readonly string[]): Promise<Outcome>
  /** Mounts another disk below the first. */
  mountAt(path: string): void
  /** Takes all the room there is. */
  fill(path?: string): void
  /** Gives it back. */
  free(path?: string): void
  /** `ro` or `rw`; refused by the kernel while a file is open for writing. */
  remount(mode: 'ro' | 'rw'): number | null
  /** The records in whole batches of the trail, each a line of JSON. */
  records(): readonly string[]
  remove(): void
}

/** Mounts the disk and makes an installation on it, its credentials readable from here. */
export async function newSmallDisk(): Promise<SmallDisk> {
  const place = newDirectory()
  const holder = spawn(
    'unshare',
    ['-m', 'sh', '-c', `mount -t tmpfs -o size=${MEBIBYTES}m none ${place.path} && echo && read x`],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  await once(holder.stdout, 'data')
  const inside = ['nsenter', '-t', String(holder.pid), '-m', '--']
  const launch = [...inside, process.execPath, SERVER]
  const seen = join('/proc', String(holder.pid), 'root', place.path)
  const data = join(place.path, 'data')

  function command(...args: string[]): number | null {
    const [program = '', ...rest] = [...inside, ...args]
    return spawnSync(program, rest, { stdio: 'ignore' }).status
  }

  const disk: SmallDisk = {
    data,
    launch,
    run(args) {
      const [program = '', ...before] = launch
      return new Promise((resolve) => {
        execFile(program, [...before, ...args], { timeout: 30_000 }, (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null
          resolve({ code, stdout, stderr })
        })
      })
    },
    mountAt(path) {
      mkdirSync(join(seen, path), { mode: 0o700 })
      const options = ['-t', 'tmpfs', '-o', `size=${MEBIBYTES}m,mode=700`]
      if (command('mount', ...options, 'none', join(place.path, path)) !== 0) throw new Error(path)
    },
    fill(path = '.') {
      const ballast = openSync(join(seen, path, 'ballast'), 'a')
      try {
        for (;;) writeSync(ballast, PIECE)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      } finally {
        closeSync(ballast)
      }
    },
    free: (path = '.') => rmSync(join(seen, path, 'ballast')),
    remount: (mode) => command('mount', '-o', `remount,${mode}`, place.path),
    records() {
      const trail = join(seen, 'data', 'trail')
      const files = readdirSync(trail).filter((name) => name.endsWith('.jsonl'))
      const texts = files.map((name) => readFileSync(join(trail, name), 'utf8'))
      // Behind the last batch line is what was cut off, and never answered.
      const whole = texts.map((text) => text.slice(0, text.lastIndexOf('\n{"batch":') + 1))
      return whole.flatMap((text) => text.split('\n').filter((line) => line.startsWith('{"event')))
    },
    remove() {
      holder.kill('SIGKILL')
      place.remove()
    },
  }
  const { code, stderr } = await disk.run(['init', '--data', data])
  if (code !== 0 || !existsSync(join(seen, 'data'))) throw new Error(stderr)
  mkdirSync(data)
  cpSync(join(seen, 'data', 'credentials.json'), join(data, 'credentials.json'))
  return disk
}
