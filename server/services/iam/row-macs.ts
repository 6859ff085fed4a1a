// Which columns of accounts and access keys their MACs hold: all of them.

import type { RootKey } from '../../seal/root-key.ts'
import { type RowMacs, rowMacs } from '../../seal/row-mac.ts'
import type { IamTables } from './tables.ts'

type Columns<Table extends keyof IamTables> = Exclude<keyof IamTables[Table], 'mac'>

export function accountRowMacs(rootKey: RootKey): RowMacs<Columns<'iam_accounts'>> {
  return rowMacs(rootKey, 'iam_accounts', ['account', 'created_at_ms'], ['account'])
}

export function accessKeyRowMacs(rootKey: RootKey): RowMacs<Columns<'iam_access_keys'>> {
  return rowMacs(
    rootKey,
    'iam_access_keys',
    ['access_key_id', 'account', 'principal', 'status', 'wrapped_secret', 'created_at_ms'],
    ['access_key_id'],
  )
}
