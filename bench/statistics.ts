// The few statistics that the benchmark needs.

/** The middle of several measurements and how far they went. */
export type Spread = { readonly median: number; readonly min: number; readonly max: number }

/** The middle value; between the two middle ones where there are two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}

/** Median, least and most. */
export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) }
}

/** The value below which `share` (0 to 1) of the ascending values lie. */
export function quantile(ascending: Float64Array, share: number): number {
  const at = Math.min(ascending.length - 1, Math.floor(ascending.length * share))
  return ascending[at] ?? Number.NaN
}
