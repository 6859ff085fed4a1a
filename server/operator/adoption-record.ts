// The record that rows without a MAC were believed: written by keyhold serve --adopt-rows.
import { recordTemplate } from '../pipeline/steps/record.ts'
import { ownSchema } from '../schema/own-shape.ts'
import { OPERATOR_EVENT_SOURCE } from './operation.ts'
import { programCall } from './program-call.ts'

type AdoptRowsResponse = { Tables: readonly { Table: string; Rows: string }[] }

const template = recordTemplate(
  { eventSource: OPERATOR_EVENT_SOURCE },
  {
    schema: ownSchema<object, AdoptRowsResponse>('AdoptRows', {}, { Tables: 'objects!' }),
    audit: { readOnly: false, show: [], showOutput: ['Tables'] },
  },
)

/** The record with this id that so many rows of these tables were adopted now. */
export function adoptionRecord(
  eventId: string,
  adopted: readonly { readonly table: string; readonly rows: number }[],
  nowMs: number,
): string {
  const tables = adopted.map(({ table, rows }) => ({ Table: table, Rows: String(rows) }))
  const output: AdoptRowsResponse = { Tables: tables }
  const call = programCall('keyhold serve', nowMs)
  return template(call, eventId, { input: {}, output, error: undefined, resources: [] })
}
