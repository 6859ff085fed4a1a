// GET /health and GET /metrics: answered without a signature, and without telling anything secret.
import type { IncomingMessage, ServerResponse } from 'node:http'

export type Check = () => Promise<void> | void

export type OtherPages = {
  /** Named checks; each throws while its part cannot serve. */
  readonly checks: Readonly<Record<string, Check>>
  readonly metrics: () => Promise<string>
}

/** Answers the pages; false where the request is for none of them. */
export function otherPages({ checks, metrics }: OtherPages) {
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    if (request.method !== 'GET') return false
    if (request.url === '/health') {
      health(checks).then(({ ready, parts }) => {
        write(
          response,
          ready ? 200 : 503,
          'application/json',
          JSON.stringify({ live: true, ready, parts }),
        )
      })
      return true
    }
    if (request.url === '/metrics') {
      metrics().then(
        (text) => write(response, 200, 'text/plain; version=0.0.4; charset=utf-8', text),
        () => write(response, 500, 'text/plain', 'metrics are not available\n'),
      )
      return true
    }
    return false
  }
}

async function health(checks: Readonly<Record<string, Check>>) {
  const parts: Record<string, 'ok' | 'failing'> = {}
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check()
      parts[name] = 'ok'
    } catch {
      parts[name] = 'failing'
    }
  }
  return { ready: Object.values(parts).every((state) => state === 'ok'), parts }
}

function write(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}
