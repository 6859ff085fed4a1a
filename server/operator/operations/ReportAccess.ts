// keyhold access report: who, in which account, can do what with a key, and through what.
import { length } from '../../schema/limits.ts'
import { ownSchema } from '../../schema/own-shape.ts'
import type { Cell, Row } from '../../services/kms/access/report.ts'
import { NoSuchKeyException } from '../errors.ts'
import { type OperatorReading, onInstallation, operatorDemand } from '../operation.ts'

type ReportAccessRequest = { Key: string; Actions?: boolean }
type ReportAccessResponse = { Principals: readonly Readonly<Record<string, string>>[] }

export const ReportAccess: OperatorReading<ReportAccessRequest, ReportAccessResponse> = {
  ...onInstallation,
  schema: ownSchema<ReportAccessRequest, ReportAccessResponse>(
    'ReportAccess',
    { Key: 'string!', Actions: 'boolean?' },
    { Principals: 'objects!' },
  ),
  limits: { Key: length(1, 2048) },
  errors: [NoSuchKeyException],
  demands: (_target, _input, call) => operatorDemand('ReportAccess', call),
  audit: { readOnly: true, show: ['Key', 'Actions'], showOutput: [] },
  async handle({ Key, Actions }, _target, call) {
    const Principals: Record<string, string>[] = []
    for await (const row of call.stores.access.report(Key, call.nowMs)) {
      const texts = Actions === true ? actionsOf(row) : capabilitiesOf(row)
      if (Object.keys(texts).length > 0) Principals.push({ Principal: row.principal, ...texts })
    }
    return { Principals }
  },
}

/** What the principal can do at all, by capability. */
function capabilitiesOf({ capabilities }: Row): Record<string, string> {
  const entries = Object.entries(capabilities).filter(([, { extent }]) => extent !== 'none')
  return Object.fromEntries(
    entries.map(([name, { extent, through }]) => [name, `${extent}: ${through.join('; ')}`]),
  )
}

/** What the principal can do at all, by action. */
function actionsOf({ actions }: Row): Record<string, string> {
  const entries = [...actions].filter(([, { access }]) => access !== 'no')
  return Object.fromEntries(entries.map(([action, cell]) => [action, textOf(cell)]))
}

function textOf(cell: Cell): string {
  if (cell.access === 'no') return 'no'
  const needs = cell.access === 'with' ? ` with ${cell.keys.join(', ')}` : ''
  return `yes${needs}: ${cell.through}`
}
