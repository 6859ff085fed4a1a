// A client of the depots of a test server: one signed request at a time.
import { signed } from '../gateway/testing/signer.ts'
import type { DepotRequest, DepotResponse } from './depot.ts'
import type { TestServer } from './test-server.ts'

export type Signing = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

/** An error of the depot, as SDK clients throw theirs. */
export type DepotAnswer = DepotResponse & { readonly $metadata: { readonly requestId: string } }

/** Calls an operation of the depot `service` with these credentials. */
export async function callDepot(
  server: TestServer,
  service: string,
  operation: 'Use' | 'Keep',
  input: DepotRequest,
  signing: Signing = server.credentials,
): Promise<DepotAnswer> {
  const body = JSON.stringify(input)
  const host = new URL(server.endpoint).host
  const { accessKeyId, secretAccessKey, sessionToken } = signing
  const headers = signed(
    {
      method: 'POST',
      target: '/',
      headers: [
        ['Host', host],
        ['Content-Type', 'application/x-amz-json-1.1'],
        ['X-Amz-Target', `Depot-${service}.${operation}`],
        ...(sessionToken === undefined ? [] : [['X-Amz-Security-Token', sessionToken] as const]),
      ],
      body,
    },
    {
      accessKeyId,
      secretAccessKey,
      region: server.regions[0] as string,
      service,
      atMs: Date.now(),
    },
  )
  const response = await fetch(server.endpoint, {
    method: 'POST',
    headers: headers.filter(([name]) => name !== 'Host').map(([name, value]) => [name, value]),
    body,
  })
  const requestId = response.headers.get('x-amzn-requestid') ?? ''
  const $metadata = { requestId, httpStatusCode: response.status }
  const answer = JSON.parse(await response.text())
  if (response.ok) return { ...answer, $metadata }
  const error = new Error(answer.message ?? answer.Message ?? '')
  throw Object.assign(error, { name: answer.__type, $metadata })
}
