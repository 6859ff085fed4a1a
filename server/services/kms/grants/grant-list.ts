// Grants as ListGrants and ListRetirableGrants tell them.
import { InvalidMarkerException } from '../errors.ts'
import { keyArn } from '../keys/key-reference.ts'
import { type Principals, shownPrincipal } from '../keys/principals.ts'
import { findPlace, pageOf } from '../pages.ts'
import type { GrantListEntry, ListGrantsResponse } from '../wire.ts'
import { type Grant, isGrantId, isService, shownConstraints } from './grant.ts'

const DEFAULT_LIMIT = 50
/** More may be asked for, but no page is longer. */
const MAX_LIMIT = 100

/** One page of what `list` finds after a grant id. */
export async function grantPage(
  { Limit, Marker }: { Limit?: number | undefined; Marker?: string | undefined },
  principals: Principals,
  list: (after: string | undefined, limit: number) => Promise<readonly Grant[]>,
): Promise<ListGrantsResponse> {
  const limit = Math.min(Limit ?? DEFAULT_LIMIT, MAX_LIMIT)
  const place = Marker === undefined ? undefined : findPlace(Marker, isGrantId)
  if (Marker !== undefined && place === undefined) throw new InvalidMarkerException()
  const { entries, paging } = pageOf(await list(place, limit + 1), limit, ({ id }) => id)
  return {
    Grants: await Promise.all(entries.map((grant) => entryOf(grant, principals))),
    ...paging,
  }
}

async function entryOf(grant: Grant, principals: Principals): Promise<GrantListEntry> {
  const { grantee, retiring, name } = grant
  const constraints = shownConstraints(grant.constraints)
  const [granteeName, retiringName, issuer] = await Promise.all([
    shownPrincipal(grantee, principals),
    retiring === undefined ? undefined : shownPrincipal(retiring, principals),
    shownPrincipal(grant.issuer, principals),
  ])
  return {
    KeyId: keyArn(grant, grant.keyId),
    GrantId: grant.id,
    ...(name !== undefined && { Name: name }),
    CreationDate: new Date(grant.createdAtMs),
    GranteePrincipal: granteeName,
    ...(isService(grantee) && { GranteeServicePrincipal: grantee }),
    ...(retiring !== undefined &&
      (isService(retiring)
        ? { RetiringServicePrincipal: retiring }
        : { RetiringPrincipal: retiringName })),
    IssuingAccount: issuer,
    Operations: [...grant.operations],
    ...(constraints && { Constraints: constraints }),
  }
}
