// A verifier with one access key, and requests that are signed rightly before a test spoils them.

import type { Credential } from '../../contract/ports.ts'
import { secretKey } from '../../crypto/secret-key.ts'
import { rootCaller } from '../../services/iam/callers.ts'
import type { SignedRequest } from '../sigv4/canonical-request.ts'
import { createVerifier, type Verifier } from '../sigv4/verify.ts'
import { requestParser } from './parsed-requests.ts'
import { type Header, type Signer, signed, type Unsigned } from './signer.ts'

export const NOW_MS = Date.parse('2026-03-01T12:00:00Z')
export const MISMATCH =
  'The request signature we calculated does not match the signature you provided.'
export const KMS = { name: 'kms', globalRegion: undefined }
export const SIGNER: Signer = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  service: 'kms',
  atMs: NOW_MS,
}
export const REQUEST: Unsigned = {
  method: 'POST',
  target: '/',
  headers: [
    ['Host', 'kms.example'],
    ['Content-Type', 'application/x-amz-json-1.1'],
    ['X-Amz-Target', 'TrentService.Encrypt'],
  ],
  body: '{"KeyId":"1"}',
}

/** How a test changes the headers after they were signed. */
export type Change = (headers: Header[]) => Header[]

export type Verification = {
  readonly verify: Verifier
  /** What the verifier asks for access keys. */
  readonly credentials: Map<string, Credential>
  /** The request as it arrives when its headers are changed after it was signed. */
  sent(change?: Change, other?: { request?: Unsigned; signer?: Signer }): Promise<SignedRequest>
  parse(request: Unsigned): Promise<SignedRequest>
  /** Name and message of the error; throws where there is none. */
  refusal(request: SignedRequest, nowMs?: number): Promise<string>
  /** The Region that the request is believed to be for. */
  believes(request: SignedRequest, nowMs?: number): Promise<string>
  close(): Promise<void>
}

export async function verification(): Promise<Verification> {
  const parser = await requestParser()
  const credentials = new Map([[SIGNER.accessKeyId, credential(SIGNER.secretAccessKey)]])
  const verify = createVerifier(
    { findCredential: (id, token) => (token === undefined ? credentials.get(id) : undefined) },
    new Set(['us-east-1', 'eu-west-1']),
  )
  return {
    verify,
    credentials,
    sent: (change = (headers) => headers, { request = REQUEST, signer = SIGNER } = {}) =>
      parser.parse({ ...request, headers: change(signed(request, signer)) }),
    parse: parser.parse,
    async refusal(request, nowMs = NOW_MS) {
      try {
        await verify(request, KMS, nowMs)
      } catch (error) {
        return `${(error as Error).constructor.name}: ${(error as Error).message}`
      }
      throw new Error('the request was believed')
    },
    believes: async (request, nowMs = NOW_MS) =>
      (await verify(request, KMS, nowMs)).authorization.region,
    close: parser.close,
  }
}

export function credential(secret: string): Credential {
  return {
    caller: rootCaller('111122223333', SIGNER.accessKeyId),
    signingSecret: secretKey(Buffer.from(`AWS4${secret}`)),
    expiresAtMs: undefined,
  }
}

export const without =
  (name: string): Change =>
  (headers) =>
    headers.filter(([given]) => given !== name)

export const replaced =
  (name: string, edit: (value: string) => string): Change =>
  (headers) =>
    headers.map(([given, value]): Header => [given, given === name ? edit(value) : value])

export const inAuthorization = (search: string | RegExp, to: string): Change =>
  replaced('Authorization', (value) => value.replace(search, to))
