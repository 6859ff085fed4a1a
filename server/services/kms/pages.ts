// Pages of a list: so many entries, and a marker of the place where the next page goes on.

/** How a list goes on: the members of an answer that every paged operation has. */
export type Paging = { readonly NextMarker?: string; readonly Truncated: boolean }

/**
 * The first `limit` of what was found. Ask for one entry more than the limit: that tells whether
 * there is another page. `placeOf` is the text by which the list is ordered.
 */
export function pageOf<T>(
  found: readonly T[],
  limit: number,
  placeOf: (entry: T) => string,
): { readonly entries: readonly T[]; readonly paging: Paging } {
  const entries = found.slice(0, limit)
  const last = entries.at(-1)
  if (found.length <= limit || last === undefined) return { entries, paging: { Truncated: false } }
  const NextMarker = Buffer.from(placeOf(last)).toString('base64url')
  return { entries, paging: { NextMarker, Truncated: true } }
}

/** The place that a marker names, or nothing where it is no marker of such a list. */
export function findPlace(marker: string, isPlace: (text: string) => boolean): string | undefined {
  const place = Buffer.from(marker, 'base64url').toString()
  const isOurs = isPlace(place) && Buffer.from(place).toString('base64url') === marker
  return isOurs ? place : undefined
}
