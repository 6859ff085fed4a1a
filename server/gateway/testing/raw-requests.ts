// Signed requests to a running test server, as bytes: for what no SDK would ever send.
import type { TestServer } from '../../testing/test-server.ts'
import { requestBytes } from './parsed-requests.ts'
import { type RawAnswer, type RawResponse, rawConnection } from './raw-connection.ts'
import { type Header, type Signer, signed, type Unsigned } from './signer.ts'

export function signerOf(server: TestServer, service: 'kms' | 'sts' = 'kms'): Signer {
  return {
    accessKeyId: server.credentials.accessKeyId,
    secretAccessKey: server.credentials.secretAccessKey,
    region: server.regions[0] as string,
    service,
    atMs: Date.now(),
  }
}

/** A KMS request with this body. */
export function kmsRequest(
  server: TestServer,
  operation: string,
  body: string | Uint8Array,
  contentType = 'application/x-amz-json-1.1',
): Unsigned {
  return {
    method: 'POST',
    target: '/',
    headers: [
      ['Host', new URL(server.endpoint).host],
      ['Content-Type', contentType],
      ['X-Amz-Target', `TrentService.${operation}`],
    ],
    body,
  }
}

/** An STS request with this form. */
export function stsRequest(server: TestServer, form: string | Uint8Array): Unsigned {
  return {
    method: 'POST',
    target: '/',
    headers: [
      ['Host', new URL(server.endpoint).host],
      ['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8'],
    ],
    body: form,
  }
}

/** The bytes of the request, rightly signed; then `change` may spoil its headers. */
export function signedBytes(
  server: TestServer,
  request: Unsigned,
  signer: Signer = signerOf(server),
  change: (headers: Header[]) => Header[] = (headers) => headers,
): Buffer {
  return requestBytes({ ...request, headers: change(signed(request, signer)) })
}

/** Sends the bytes on a connection of their own and reads one answer. */
export async function answerTo(server: TestServer, bytes: string | Uint8Array): Promise<RawAnswer> {
  const connection = await rawConnection(server.endpoint)
  connection.send(bytes)
  const answer = await connection.next()
  connection.close()
  return answer
}

/** The answer to a rightly signed KMS request; throws where there is none. */
export async function kmsAnswer(
  server: TestServer,
  operation: string,
  body: string | Uint8Array,
  contentType?: string,
): Promise<RawResponse> {
  const request = kmsRequest(server, operation, body, contentType)
  return required(await answerTo(server, signedBytes(server, request)))
}

export function required(answer: RawAnswer): RawResponse {
  if (typeof answer === 'string') throw new Error(`the server answered nothing: ${answer}`)
  return answer
}
