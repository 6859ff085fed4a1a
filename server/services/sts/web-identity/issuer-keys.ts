// The keys of issuers, remembered: fetched once for all who wait, again after ten minutes, sooner where a
// token names a key that is not among them; but never so often that somebody could have us hammer an issuer.
import { type CompactVerifyGetKey, createLocalJWKSet } from 'jose'
import { LRUCache } from 'lru-cache'
import { type FetchKeySet, type Issuer, IssuerError, type KeySet } from './oidc-client.ts'

/** Answers the key that a token's header names; jose throws where there is none. */
export type KeyOf = CompactVerifyGetKey

export type IssuerKeys = {
  /** The issuer's keys, at most ten minutes old. Throws IssuerError. */
  get(issuer: Issuer): Promise<KeyOf>
  /** The keys as they are now; nothing where it is too soon to ask again. Throws IssuerError. */
  findNewer(issuer: Issuer): Promise<KeyOf | undefined>
}

const MAX_AGE_MS = 10 * 60_000
/** From one question to the next, for a key that is not among those that were told. */
const MIN_INTERVAL_MS = 30_000
/** From one question to the next, where there was no answer. */
const RETRY_AFTER_MS = 5000
const MAX_ISSUERS = 1000

type Remembered = {
  keys: KeyOf | undefined
  keysAtMs: number
  askedAtMs: number
  asking: Promise<KeyOf> | undefined
  failure: unknown
}

export function issuerKeys(fetchKeySet: FetchKeySet, now: () => number = Date.now): IssuerKeys {
  const issuers = new LRUCache<string, Remembered>({ max: MAX_ISSUERS })

  function remembered(issuer: Issuer): Remembered {
    const name = nameOf(issuer)
    const known = issuers.get(name)
    if (known !== undefined) return known
    const fresh: Remembered = {
      keys: undefined,
      keysAtMs: 0,
      askedAtMs: 0,
      asking: undefined,
      failure: undefined,
    }
    issuers.set(name, fresh)
    return fresh
  }

  async function ask(issuer: Issuer, of: Remembered): Promise<KeyOf> {
    of.askedAtMs = now()
    try {
      of.keys = keyFinder(await fetchKeySet(issuer))
      of.keysAtMs = of.askedAtMs
      of.failure = undefined
      return of.keys
    } catch (error) {
      of.failure = error
      throw error
    } finally {
      of.asking = undefined
    }
  }

  return {
    async get(issuer) {
      const of = remembered(issuer)
      if (of.keys !== undefined && now() - of.keysAtMs < MAX_AGE_MS) return of.keys
      if (of.failure !== undefined && now() - of.askedAtMs < RETRY_AFTER_MS) throw of.failure
      of.asking ??= ask(issuer, of)
      return of.asking
    },
    async findNewer(issuer) {
      const of = remembered(issuer)
      if (of.asking !== undefined) return of.asking
      if (now() - of.askedAtMs < MIN_INTERVAL_MS) return undefined
      of.asking = ask(issuer, of)
      return of.asking
    },
  }
}

function keyFinder({ keys }: KeySet): KeyOf {
  try {
    return createLocalJWKSet({ keys: [...keys] })
  } catch {
    throw new IssuerError('unusable', 'the key set is not a JSON Web Key Set')
  }
}

/** Accounts may trust one issuer by different certificates: what one of them trusts, only it believes. */
function nameOf({ url, thumbprints }: Issuer): string {
  return JSON.stringify([url, ...thumbprints.toSorted()])
}
