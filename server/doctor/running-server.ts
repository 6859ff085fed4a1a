// Whether a server runs on the directory, and whether it can be reached.
import { join } from 'node:path'
import { isDirectoryLocked } from '../storage/directory-lock.ts'
import { type Finding, ok, wrong } from './finding.ts'
import { answersOnSocket } from './operator-socket-client.ts'

export async function lookAtRunningServer(directory: string): Promise<Finding> {
  if (!isDirectoryLocked(directory)) return ok('server', 'none is running on this directory')
  return (await answersOnSocket(join(directory, 'operator.sock')))
    ? ok('server', 'running, and its operator socket answers')
    : wrong('server', 'running, but its operator socket does not answer', 'look at its log')
}
