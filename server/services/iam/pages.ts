// Pages of IAM's lists: so many entries, and a marker of the place where the next page goes on.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html (Marker, MaxItems, IsTruncated)
import { ValidationException } from '../../contract/errors.ts'

export type PageRequest = {
  readonly Marker?: string | undefined
  readonly MaxItems?: number | undefined
}
export type Paging = { readonly IsTruncated: boolean; readonly Marker?: string }

const DEFAULT_ITEMS = 100

/** Where the page begins, and how many entries to look for: one more tells whether there is another page. */
export function pageStart({ Marker, MaxItems }: PageRequest): {
  readonly after: string | undefined
  readonly limit: number
} {
  return {
    after: Marker === undefined ? undefined : readMarker(Marker),
    limit: (MaxItems ?? DEFAULT_ITEMS) + 1,
  }
}

/** The page among what was found with `pageStart`; `placeOf` is the text by which the list is ordered. */
export function pageOf<T>(
  found: readonly T[],
  { MaxItems = DEFAULT_ITEMS }: PageRequest,
  placeOf: (entry: T) => string,
): { readonly entries: readonly T[]; readonly paging: Paging } {
  const entries = found.slice(0, MaxItems)
  const last = entries.at(-1)
  if (found.length <= MaxItems || last === undefined) {
    return { entries, paging: { IsTruncated: false } }
  }
  const Marker = Buffer.from(placeOf(last)).toString('base64url')
  return { entries, paging: { IsTruncated: true, Marker } }
}

/** The page of a list that is all there, ordered by `placeOf`. */
export function pageOfAll<T>(
  all: readonly T[],
  request: PageRequest,
  placeOf: (entry: T) => string,
): { readonly entries: readonly T[]; readonly paging: Paging } {
  const { after } = pageStart(request)
  const ordered = all
    .map((entry) => ({ entry, place: placeOf(entry) }))
    .sort((one, other) => (one.place < other.place ? -1 : one.place > other.place ? 1 : 0))
    .filter(({ place }) => after === undefined || place > after)
  const { entries, paging } = pageOf(ordered, request, ({ place }) => place)
  return { entries: entries.map(({ entry }) => entry), paging }
}

function readMarker(marker: string): string {
  const place = Buffer.from(marker, 'base64url').toString()
  if (place !== '' && Buffer.from(place).toString('base64url') === marker) return place
  throw new ValidationException('Invalid Marker: pass the Marker of the previous answer unchanged.')
}
