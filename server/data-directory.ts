// The directory of an installation belongs to the user that the server runs as, and to nobody else.
import { mkdirSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { OperatorError } from './operator-error.ts'

/** What is wrong with the directory, and what to do; nothing where it is private or not there. */
export function findDirectoryProblem(directory: string): string | undefined {
  const stat = statSync(directory, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  if (!stat.isDirectory()) return `${directory} is no directory.`
  const uid = process.getuid?.()
  if (uid !== undefined && stat.uid !== uid) {
    return `${directory} belongs to another user (uid ${stat.uid}): run this as that user, or give it to ${userInfo().username} with chown -R.`
  }
  if ((stat.mode & 0o022) !== 0) {
    return `Others may write to ${directory} (mode ${(stat.mode & 0o777).toString(8)}), and so could put their own files in the place of its files: chmod 700 ${directory}`
  }
  return undefined
}

/** Makes the directory, for its owner alone, where it is not there. */
export function makePrivateDirectory(directory: string): void {
  requirePrivateDirectory(directory)
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new OperatorError(
      `${directory} cannot be made (${(error as NodeJS.ErrnoException).code}). Make it for the user that the server runs as: install -d -m 700 -o USER ${directory}`,
    )
  }
}

/** Throws where somebody else could put files into the directory. */
export function requirePrivateDirectory(directory: string): void {
  const problem = findDirectoryProblem(directory)
  if (problem !== undefined) throw new OperatorError(problem)
}
