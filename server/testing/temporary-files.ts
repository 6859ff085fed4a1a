// Keeps what tests write in memory where there is room, by TMPDIR: on a disk they mostly wait until it has
// synced. No test cuts the power, and whatever is killed, the system keeps what was written.
import { chmodSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { freemem, tmpdir } from 'node:os'

const IN_MEMORY = '/dev/shm'
const ROOM_BYTES = 4 * 1024 ** 3

export default function setup() {
  // For tests that want the delays of a disk.
  process.env.KEYHOLD_TEST_DISK = tmpdir()
  if (process.env.TMPDIR !== undefined || !hasRoom()) return undefined
  const directory = mkdtempSync(`${IN_MEMORY}/keyhold-tests-`)
  // As /tmp is: PostgreSQL and others run under accounts of their own.
  chmodSync(directory, 0o1777)
  process.env.TMPDIR = directory
  return () => rmSync(directory, { recursive: true, force: true })
}

function hasRoom(): boolean {
  try {
    const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n')
    const [, , type, options = ''] =
      mounts.map((line) => line.split(' ')).findLast(([, where]) => where === IN_MEMORY) ?? []
    // Programs are made there, too.
    if (type !== 'tmpfs' || options.split(',').includes('noexec')) return false
    const { bavail, bsize } = statfsSync(IN_MEMORY)
    return Math.min(bavail * bsize, freemem()) > ROOM_BYTES
  } catch {
    return false
  }
}
