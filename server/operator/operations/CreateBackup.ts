// keyhold backup: everything as it is at one moment, in a file that only the root key opens.
import { OperatorError } from '../../config.ts'
import { pattern } from '../../schema/limits.ts'
import { ownSchema } from '../../schema/own-shape.ts'
import { StorageBusyError } from '../../storage/storage.ts'
import { BackupFailedException } from '../errors.ts'
import { type OperatorReading, onInstallation, operatorDemand } from '../operation.ts'

type CreateBackupRequest = { File: string }
type CreateBackupResponse = {
  BackupId: string
  CreatedAt: string
  File: string
  Bytes: number
  Rows: number
}

export const CreateBackup: OperatorReading<CreateBackupRequest, CreateBackupResponse> = {
  ...onInstallation,
  schema: ownSchema<CreateBackupRequest, CreateBackupResponse>(
    'CreateBackup',
    { File: 'string!' },
    {
      BackupId: 'string!',
      CreatedAt: 'string!',
      File: 'string!',
      Bytes: 'number!',
      Rows: 'number!',
    },
  ),
  limits: { File: pattern(/^\/.{0,4000}$/) },
  errors: [BackupFailedException],
  demands: (_target, _input, call) => operatorDemand('CreateBackup', call),
  audit: {
    readOnly: false,
    show: ['File'],
    showOutput: ['BackupId', 'CreatedAt', 'Bytes', 'Rows'],
  },
  async handle({ File: file }, _target, call) {
    try {
      const { backup, createdAt, bytes, rows } = await call.stores.backups.create(file)
      return { BackupId: backup, CreatedAt: createdAt, File: file, Bytes: bytes, Rows: rows }
    } catch (error) {
      const told = problemOf(error, file)
      throw told === undefined ? error : new BackupFailedException(told)
    }
  },
}

/** What the operator can mend, in a sentence; nothing where it is a bug. */
function problemOf(error: unknown, file: string): string | undefined {
  if (error instanceof OperatorError) return error.message
  if (error instanceof StorageBusyError) return 'The database is too busy now: try again.'
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EEXIST':
      return `${file} is there already, or ${file}.partial is: a backup under way, or one that was interrupted. Nothing is ever replaced: choose another name, or remove what is no longer needed.`
    case 'ENOENT':
    case 'ENOTDIR':
      return `There is no directory for ${file} on the server's machine: make it first.`
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `The server may not write ${file}: choose a directory that its user may write to.`
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return `There is no space for ${file}; what was written of it is removed. Free space, or choose another disk.`
    default:
      return undefined
  }
}
