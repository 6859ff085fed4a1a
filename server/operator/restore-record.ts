// The record of a restore: written by a program, not by a call, but of the same form as any other of
// the operator's deeds.
import type { BackupHeader } from '../backup/envelope.ts'
import { randomUuid } from '../crypto/random.ts'
import { recordTemplate } from '../pipeline/steps/record.ts'
import { ownSchema } from '../schema/own-shape.ts'
import { OPERATOR_EVENT_SOURCE } from './operation.ts'
import { programCall } from './program-call.ts'

type RestoreBackupRequest = { BackupId: string; BackupCreatedAt: string; RootKeyId: string }

const template = recordTemplate(
  { eventSource: OPERATOR_EVENT_SOURCE },
  {
    schema: ownSchema<RestoreBackupRequest, object>(
      'RestoreBackup',
      { BackupId: 'string!', BackupCreatedAt: 'string!', RootKeyId: 'string!' },
      {},
    ),
    audit: { readOnly: false, show: ['BackupId', 'BackupCreatedAt', 'RootKeyId'], showOutput: [] },
  },
)

/** The record that the backup with this header was restored now. */
export function restoreRecord(header: BackupHeader, nowMs: number): string {
  const call = programCall('keyhold restore', nowMs)
  const input = {
    BackupId: header.backup,
    BackupCreatedAt: header.createdAt,
    RootKeyId: header.rootKeyId,
  }
  return template(call, randomUuid(), { input, output: {}, error: undefined, resources: [] })
}
