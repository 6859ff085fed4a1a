// Grant tokens: opaque text that names a grant, with a MAC, so that only this server makes them. They
// are needed only until a new grant is known everywhere.
// https://docs.aws.amazon.com/kms/latest/developerguide/using-grant-token.html
import type { Scope } from '../../../contract/call.ts'
import { fields } from '../../../crypto/fields.ts'
import { randomBytes } from '../../../crypto/random.ts'
import type { RootKey } from '../../../seal/root-key.ts'
import { type Grant, isGrantId } from './grant.ts'

/** What a token names. */
export type GrantReference = Scope & { readonly keyId: string; readonly grantId: string }

export type GrantTokens = {
  /** A token of its own for every time it is asked for. */
  of(grant: Grant): string
  /** What the token names, or nothing where this server did not make it. */
  read(token: string): GrantReference | undefined
}

const MAC_BYTES = 32
const NONCE_BYTES = 16

export function grantTokens(rootKey: RootKey): GrantTokens {
  const bound = (body: Uint8Array) => fields('grant token', body)
  return {
    of({ account, region, keyId, id }) {
      const nonce = randomBytes(NONCE_BYTES).toString('hex')
      const body = Buffer.from([account, region, keyId, id, nonce].join(' '))
      return Buffer.concat([rootKey.mac(bound(body)), body]).toString('base64url')
    },
    read(token) {
      const bytes = Buffer.from(token, 'base64url')
      const body = bytes.subarray(MAC_BYTES)
      if (!rootKey.isMac(bound(body), bytes.subarray(0, MAC_BYTES))) return undefined
      const [account, region, keyId, grantId] = body.toString().split(' ')
      if (account === undefined || region === undefined || keyId === undefined) return undefined
      return grantId !== undefined && isGrantId(grantId)
        ? { account, region, keyId, grantId }
        : undefined
    },
  }
}
