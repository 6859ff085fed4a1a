// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html
import { identityDemand } from '../../../contract/demand.ts'
import { InvalidMarkerException } from '../errors.ts'
import { isKeyId } from '../keys/key-reference.ts'
import { MARKER, PAGE_LIMIT } from '../limits.ts'
import type { KmsReading } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { kmsSchema, type ListKeysRequest, type ListKeysResponse } from '../wire.ts'

const DEFAULT_LIMIT = 100

export const ListKeys: KmsReading<ListKeysRequest, ListKeysResponse, 'account'> = {
  schema: kmsSchema('ListKeys'),
  limits: { Limit: PAGE_LIMIT, Marker: MARKER },
  errors: [InvalidMarkerException],
  target: () => 'account',
  demands: (_target, _input, call) => [identityDemand('kms:ListKeys', '*', call.account)],
  usage: (_target, _input, call) => draw('ListKeys', call),
  resources: () => [],
  audit: { readOnly: true, show: ['Limit', 'Marker'], showOutput: [] },
  async handle(input, _target, call) {
    const limit = input.Limit ?? DEFAULT_LIMIT
    const after = input.Marker === undefined ? undefined : readMarker(input.Marker)
    // One more than asked for tells whether there is another page.
    const found = await call.stores.keys.list(after, limit + 1)
    const page = found.slice(0, limit)
    const last = page.at(-1)
    const truncated = found.length > limit && last !== undefined
    return {
      Keys: page.map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })),
      ...(truncated && { NextMarker: Buffer.from(last.id).toString('base64url') }),
      Truncated: truncated,
    }
  },
}

function readMarker(marker: string): string {
  const id = Buffer.from(marker, 'base64url').toString('latin1')
  if (!isKeyId(id)) throw new InvalidMarkerException()
  return id
}
