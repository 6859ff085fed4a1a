// The root key's way from the primary to a worker: over an inherited descriptor, never by environment,
// argument or message, all of which leave copies that nobody can zero.
import type { Worker as ClusterWorker } from 'node:cluster'
import { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { secretKey } from '../crypto/secret-key.ts'
import { type RootKey, rootKey } from '../seal/root-key.ts'

/** The descriptor in the worker. */
const DESCRIPTOR = 3
const ID_BYTES = 16
const KEY_BYTES = 32

export function sendRootKey(worker: ClusterWorker, root: RootKey): void {
  const pipe = worker.process.stdio[DESCRIPTOR] as Writable
  // A worker that died meanwhile is replaced, and its successor gets the key.
  pipe.on('error', () => {})
  root.lend((bytes) => {
    const message = Buffer.concat([Buffer.from(root.id, 'hex'), bytes])
    pipe.end(message, () => message.fill(0))
  })
}

/** Resolves with the root key once the primary has sent it. */
export function receiveRootKey(): Promise<RootKey> {
  return new Promise((resolve, reject) => {
    const message = Buffer.alloc(ID_BYTES + KEY_BYTES)
    let received = 0
    const pipe = new Socket({ fd: DESCRIPTOR, readable: true, writable: false })
    pipe.on('data', (chunk: Buffer) => {
      chunk.copy(message, received)
      received += chunk.length
      chunk.fill(0)
      if (received < message.length) return
      const id = message.toString('hex', 0, ID_BYTES)
      const key = Buffer.from(message.subarray(ID_BYTES))
      message.fill(0)
      pipe.destroy()
      resolve(rootKey(id, secretKey(key)))
    })
    pipe.on('error', reject)
  })
}
