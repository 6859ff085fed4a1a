// GET /health and GET /metrics: answered without a signature, and without telling anything secret.
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Throws while its part cannot serve. */
export type Check = () => Promise<void> | void

export type Health = {
  readonly ready: boolean
  readonly parts: Readonly<Record<string, 'ok' | 'failing'>>
}

export type Pages = {
  readonly health: () => Promise<Health>
  readonly metrics: () => Promise<string>
}

/** Answers the pages; false where the request is for none of them. */
export function pages({ health, metrics }: Pages) {
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    if (request.method !== 'GET') return false
    if (request.url === '/health') {
      health().then(({ ready, parts }) => {
        const text = JSON.stringify({ live: true, ready, parts })
        write(response, ready ? 200 : 503, 'application/json', text)
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

export async function checkHealth(checks: Readonly<Record<string, Check>>): Promise<Health> {
  const parts: Record<string, 'ok' | 'failing'> = {}
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check()
      parts[name] = 'ok'
    } catch {
      parts[name] = 'failing'
    }
  }
  return healthOf(parts)
}

/** The health of several processes as one: a part that fails anywhere fails. */
export function healthTogether(healths: readonly Health[]): Health {
  const parts: Record<string, 'ok' | 'failing'> = {}
  for (const health of healths) {
    for (const [name, state] of Object.entries(health.parts)) {
      if (parts[name] !== 'failing') parts[name] = state
    }
  }
  return healthOf(parts)
}

function healthOf(parts: Health['parts']): Health {
  return { ready: Object.values(parts).every((state) => state === 'ok'), parts }
}

function write(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}
