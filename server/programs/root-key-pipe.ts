// The root key's way from the primary to a worker: over an inherited descriptor, never by environment,
// argument or message, all of which leave copies that nobody can zero. The first one that comes unseals;
// those that come later are next ones, of rotations.
import type { Worker as ClusterWorker } from 'node:cluster'
import { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { secretKey } from '../crypto/secret-key.ts'
import { type RootKey, rootKey } from '../seal/root-key.ts'

/** The descriptor in the worker. */
const DESCRIPTOR = 3
const ID_BYTES = 16
const KEY_BYTES = 32

const watched = new WeakSet<Writable>()

export function sendRootKey(worker: ClusterWorker, root: RootKey): void {
  const pipe = worker.process.stdio[DESCRIPTOR] as Writable
  // A worker that died meanwhile is replaced, and its successor gets the key.
  if (!watched.has(pipe)) pipe.on('error', () => {})
  watched.add(pipe)
  root.lend((bytes) => {
    const message = Buffer.concat([Buffer.from(root.id, 'hex'), bytes])
    pipe.write(message, () => message.fill(0))
  })
}

/** Takes each root key that the primary sends, one after the other; resolves with the first. */
export function receiveRootKeys(
  take: (root: RootKey, isFirst: boolean) => Promise<void>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const message = Buffer.alloc(ID_BYTES + KEY_BYTES)
    let received = 0
    let isFirst = true
    let turn: Promise<void> = Promise.resolve()

    function readMessage(): RootKey {
      const id = message.toString('hex', 0, ID_BYTES)
      const key = Buffer.from(message.subarray(ID_BYTES))
      message.fill(0)
      received = 0
      return rootKey(id, secretKey(key))
    }

    function takeInTurn(root: RootKey): void {
      const first = isFirst
      isFirst = false
      turn = turn.then(() => take(root, first))
      turn.then(resolve, reject)
    }

    const pipe = new Socket({ fd: DESCRIPTOR, readable: true, writable: false })
    pipe.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; ) {
        const taken = chunk.copy(message, received, at)
        at += taken
        received += taken
        if (received === message.length) takeInTurn(readMessage())
      }
      chunk.fill(0)
    })
    pipe.on('error', reject)
    // The pipe alone keeps no process alive: a worker ends when it is told to.
    pipe.unref()
  })
}
