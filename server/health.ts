// GET (or HEAD) /health and /metrics: answered without a signature, and without telling anything secret.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { faultOf } from './fault.ts'

/** Throws while its part cannot serve. */
export type Check = () => Promise<void> | void

export type Health = {
  readonly ready: boolean
  readonly parts: Readonly<Record<string, 'ok' | 'failing'>>
  /** Of each part that fails, why. */
  readonly why: Readonly<Record<string, string>>
}

/** Fails a check for a reason that may be told to everybody. */
export class NotReady extends Error {}

export type Pages = {
  readonly health: () => Promise<Health>
  readonly metrics: () => Promise<string>
}

/** Answers the pages; false where the request is for none of them. */
export function pages(from: Pages) {
  const health = oneAtATime(from.health)
  const metrics = oneAtATime(from.metrics)
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    // Load balancers ask with HEAD; Node.js sends no body then.
    if (request.method !== 'GET' && request.method !== 'HEAD') return false
    if (request.url === '/health') {
      health().then(({ ready, parts, why }) => {
        const text = JSON.stringify({ live: true, ready, parts, ...(!ready && { why }) })
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

/**
 * All who ask while one look is under way are told what that one finds: each takes messages between all
 * processes and a question to the store, and those who ask are nobody we know.
 */
function oneAtATime<T>(look: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined
  return () => {
    underWay ??= look().finally(() => {
      underWay = undefined
    })
    return underWay
  }
}

export async function checkHealth(checks: Readonly<Record<string, Check>>): Promise<Health> {
  const parts: Record<string, 'ok' | 'failing'> = {}
  const why: Record<string, string> = {}
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check()
      parts[name] = 'ok'
    } catch (error) {
      parts[name] = 'failing'
      why[name] = error instanceof NotReady ? error.message : faultOf(error)
    }
  }
  return healthOf(parts, why)
}

/** The health of several processes as one: a part that fails anywhere fails. */
export function healthTogether(healths: readonly Omit<Health, 'ready'>[]): Health {
  const parts: Record<string, 'ok' | 'failing'> = {}
  const why: Record<string, string> = {}
  for (const health of healths) {
    for (const [name, state] of Object.entries(health.parts)) {
      if (parts[name] !== 'failing') parts[name] = state
    }
    for (const [name, reason] of Object.entries(health.why)) why[name] ??= reason
  }
  return healthOf(parts, why)
}

function healthOf(parts: Health['parts'], why: Health['why']): Health {
  return { ready: Object.values(parts).every((state) => state === 'ok'), parts, why }
}

function write(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}
