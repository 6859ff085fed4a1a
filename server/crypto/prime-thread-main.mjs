// What the thread of `prime-thread.ts` does: takes the length of a modulus, gives the pair. What crosses are
// handles of OpenSSL's own objects, never bytes of a key. In JavaScript, so that the thread is there at once.
import { generateKeyPairSync } from 'node:crypto'
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'

/**
 * nice(2): a tenth of the share of a thread that is as busy. With a quarter (niceness 5) Encrypt at half load on the
 * same core fell behind; with less than this, pairs are hardly ever made on a machine that is always busy.
 */
const NICENESS = 10

// On Linux, and only there, each thread has a priority of its own: setpriority(2), "C library/kernel differences".
if (process.platform === 'linux') {
  try {
    setPriority(NICENESS)
  } catch {
    // A sandbox forbids it: pairs are made all the same, only less politely.
  }
}

parentPort?.on('message', (modulusLength) => {
  parentPort?.postMessage(generateKeyPairSync('rsa', { modulusLength, publicExponent: 0x10001 }))
})
