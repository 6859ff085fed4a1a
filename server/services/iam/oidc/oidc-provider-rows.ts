// A provider as its row, and a row as its provider: believed only with its MAC, since it says whose word
// lets people and programs in.
import type { RootKey } from '../../../seal/root-key.ts'
import { type RowMacs, rowMacs } from '../../../seal/row-mac.ts'
import type { OidcProvider } from './oidc-provider.ts'
import type { OidcTables } from './tables.ts'

type Row = OidcTables['iam_oidc_providers']

export type OidcProviderRows = {
  /** Throws ForgedRowError where this server did not write the row. */
  read(row: Row): OidcProvider
  /** The row of such a provider, with its MAC. */
  of(provider: OidcProvider): Row
}

const COLUMNS = ['account', 'url', 'version', 'document', 'created_at_ms'] as const

export function oidcProviderRowMacs(rootKey: RootKey): RowMacs<(typeof COLUMNS)[number]> {
  return rowMacs(rootKey, 'iam_oidc_providers', COLUMNS, ['account', 'url'])
}

export function oidcProviderRows(rootKey: RootKey): OidcProviderRows {
  const macs = oidcProviderRowMacs(rootKey)
  return {
    read(row) {
      macs.require(row)
      const { account, url, version, created_at_ms: createdAtMs } = row
      const kept = JSON.parse(row.document) as Pick<
        OidcProvider,
        'clientIds' | 'thumbprints' | 'tags'
      >
      return { ...kept, account, url, version, createdAtMs }
    },
    of({ account, url, version, createdAtMs, ...kept }) {
      const document = JSON.stringify(kept)
      const columns = { account, url, version, document, created_at_ms: createdAtMs }
      return { ...columns, mac: macs.of(columns) }
    },
  }
}
