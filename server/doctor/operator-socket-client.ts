// Asks a running server's operator socket for a sign of life. What it asks for does not exist, so that
// nothing is done and nothing recorded.
import { request } from 'node:http'

const TIMEOUT_MS = 2000

/** Whether anything that speaks HTTP answers on the socket. */
export function answersOnSocket(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = { 'x-amz-target': 'KeyholdOperator.AreYouThere' }
    const outgoing = request({ socketPath, method: 'POST', headers, timeout: TIMEOUT_MS })
    outgoing.on('response', (incoming) => {
      incoming.resume()
      resolve(true)
    })
    outgoing.on('timeout', () => outgoing.destroy())
    outgoing.on('error', () => resolve(false))
    outgoing.on('close', () => resolve(false))
    outgoing.end()
  })
}
