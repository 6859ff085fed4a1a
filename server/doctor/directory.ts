// The directory of an installation: whose it is, what guards it, and whether SQLite can live there.
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from '../config.ts'
import { findDirectoryProblem } from '../data-directory.ts'
import { listOldSeals } from '../operator/seal-succession.ts'
import { type Finding, note, ok, wrong } from './finding.ts'
import { lookAtSeal } from './seal.ts'

const MEBIBYTE = 1024 * 1024
const MIN_FREE_BYTES = 256 * MEBIBYTE
const COMFORTABLE_FREE_BYTES = 2048 * MEBIBYTE

/** File systems over a network, by their magic numbers (statfs(2)): locks do not hold, or not always. */
const NETWORK_FILE_SYSTEMS = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x01021997, '9P'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
])
const FUSE = 0x65735546

export function lookAtDirectory(place: Place): readonly Finding[] {
  const { directory } = place
  if (!existsSync(directory)) {
    return [wrong('data directory', `${directory} is not there`, 'a mount? or: keyhold init')]
  }
  if (!isOpenToUs(directory)) return [dataDirectory(directory)]
  const findings = [dataDirectory(directory), lookAtSeal(place), freeSpace(statfsSync(directory))]
  const oldSeals = listOldSeals(place)
  if (oldSeals.length > 0) {
    const told = `${oldSeals.length} of root keys that were rotated away`
    const isBare = existsSync(place.sealFile) && oldSeals.some((name) => name.endsWith('.key'))
    findings.push(
      isBare
        ? note('old seals', `${told}, some in the clear`, 'move *.key to where backups are not')
        : note('old seals', told, 'remove each with the last backup from its time'),
    )
  }
  if (existsSync(place.credentialsFile)) findings.push(credentials(place.credentialsFile))
  if (place.database === undefined) {
    findings.push(fileSystem(statfsSync(directory).type), trail(directory))
  }
  return findings
}

/** Where it is not, whatever is in it seems to be missing. */
export function isOpenToUs(directory: string): boolean {
  try {
    accessSync(`${directory}/.`, constants.R_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

function dataDirectory(directory: string): Finding {
  const problem = findDirectoryProblem(directory)
  if (problem !== undefined)
    return wrong('data directory', problem, 'then run keyhold doctor again')
  return isOpenToUs(directory)
    ? ok('data directory', `${directory}, ours alone to write`)
    : wrong('data directory', `${directory} cannot be read`, `chmod 700 ${directory}`)
}

export function freeSpace({ bavail, bsize }: { bavail: number; bsize: number }): Finding {
  const free = bavail * bsize
  const told = `${Math.floor(free / MEBIBYTE)} MiB free`
  if (free >= COMFORTABLE_FREE_BYTES) return ok('disk', told)
  return free < MIN_FREE_BYTES
    ? wrong('disk', told, 'free space: without any, every call is refused')
    : note('disk', told, 'the trail grows with every call: free space in time')
}

export function fileSystem(type: number): Finding {
  const network = NETWORK_FILE_SYSTEMS.get(type)
  if (network !== undefined) {
    const remedy = 'use a local disk, or --database postgres://…'
    return wrong('file system', `${network}: SQLite's locks do not hold on it`, remedy)
  }
  return type === FUSE
    ? note('file system', 'FUSE', 'make sure that it keeps locks and fsync')
    : ok('file system', 'keeps SQLite’s locks, as far as its type tells')
}

function credentials(file: string): Finding {
  return (statSync(file).mode & 0o077) === 0
    ? note('credentials.json', 'here still', 'move it to where it is used')
    : wrong('credentials.json', 'others can read it', `chmod 600 ${file}`)
}

function trail(directory: string): Finding {
  const folder = join(directory, 'trail')
  const nearest = existsSync(folder) ? folder : directory
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK)
    return ok('trail', `${folder} can be written`)
  } catch {
    const remedy = 'without a trail every call is refused: mend its owner and mode'
    return wrong('trail', `${nearest} cannot be written`, remedy)
  }
}
