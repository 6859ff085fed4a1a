// What is wrong with a backup, or with the place it is to be restored into; a person reads it.
import { OperatorError } from '../config.ts'

/** The file is not, or not any more, what a server wrote. */
export class DamagedBackupError extends OperatorError {
  constructor(problem: string) {
    super(
      `This backup cannot be used: ${problem}. Nothing was restored; take another copy of the file, or an older backup.`,
    )
  }
}
