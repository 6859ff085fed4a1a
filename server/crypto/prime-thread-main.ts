// What the thread of `prime-thread.ts` does: takes the length of a modulus, gives the pair. What crosses are
// handles of OpenSSL's own objects, never bytes of a key.
import { generateKeyPairSync } from 'node:crypto'
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'

/**
 * nice(2): a third of the share of a thread that is as busy. Enough to give way at once to one that is busy
 * half of the time, and not so much that pairs are never made on a machine that always is.
 */
const NICENESS = 5

// On Linux, and only there, each thread has a priority of its own: setpriority(2), "C library/kernel differences".
if (process.platform === 'linux') {
  try {
    setPriority(NICENESS)
  } catch {
    // A sandbox forbids it: pairs are made all the same, only less politely.
  }
}

parentPort?.on('message', (modulusLength: number) => {
  parentPort?.postMessage(generateKeyPairSync('rsa', { modulusLength, publicExponent: 0x10001 }))
})
