// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html
import { identityDemand } from '../../../contract/demand.ts'
import { after, Missing } from '../../../contract/operation.ts'
import { type Alias, isAliasName } from '../aliases/alias.ts'
import { InvalidArnException, InvalidMarkerException, NotFoundException } from '../errors.ts'
import type { Key } from '../keys/key.ts'
import { findKey, keyResources } from '../keys/key-target.ts'
import { KEY_ID, MARKER, PAGE_LIMIT } from '../limits.ts'
import type { KmsReading } from '../operation.ts'
import { findPlace, pageOf } from '../pages.ts'
import { draw } from '../request-quotas.ts'
import {
  type AliasListEntry,
  kmsSchema,
  type ListAliasesRequest,
  type ListAliasesResponse,
} from '../wire.ts'

/** The key whose aliases are listed, or none: all of the account. */
type Target = { readonly key: Key | undefined }

const DEFAULT_LIMIT = 50
/** More may be asked for, but no page is longer. */
const MAX_LIMIT = 100

export const ListAliases: KmsReading<ListAliasesRequest, ListAliasesResponse, Target> = {
  schema: kmsSchema('ListAliases'),
  limits: { KeyId: KEY_ID, Limit: PAGE_LIMIT, Marker: MARKER },
  errors: [InvalidMarkerException, InvalidArnException, NotFoundException],
  target(input, call) {
    if (input.KeyId === undefined) return { key: undefined }
    return after(findKey(input.KeyId, call, 'management'), (key) =>
      key instanceof Missing ? key : { key },
    )
  },
  // Permission is asked for the account, whatever key was named: the key policy has no say.
  demands: (_target, _input, call) => [identityDemand('kms:ListAliases', '*', call.account)],
  usage: (_target, _input, call) => draw('ListAliases', call),
  resources: ({ key }) => (key === undefined ? [] : keyResources(key)),
  audit: { readOnly: true, show: ['KeyId', 'Limit', 'Marker'], showOutput: [] },
  async handle(input, { key }, call) {
    const limit = Math.min(input.Limit ?? DEFAULT_LIMIT, MAX_LIMIT)
    const place = input.Marker === undefined ? undefined : findPlace(input.Marker, isAliasName)
    if (input.Marker !== undefined && place === undefined) throw new InvalidMarkerException()
    const found = await call.stores.aliases.list(place, limit + 1, key?.id)
    const { entries, paging } = pageOf(found, limit, ({ name }) => name)
    return { Aliases: entries.map(aliasListEntry), ...paging }
  },
}

function aliasListEntry(alias: Alias): AliasListEntry {
  return {
    AliasName: alias.name,
    AliasArn: alias.arn,
    TargetKeyId: alias.keyId,
    CreationDate: new Date(alias.createdAtMs),
    LastUpdatedDate: new Date(alias.updatedAtMs),
  }
}
