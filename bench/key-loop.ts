// The yardstick of operations with keys of their own: the arithmetic alone, in a loop on one thread.
// RFC 8017, FIPS 186-5, RFC 8032, FIPS 204, FIPS 198-1; pairs as both DER forms that an answer needs.
import {
  constants,
  createHmac,
  createSecretKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  type SignKeyObjectInput,
  sign,
} from 'node:crypto'
import { type KeyLoopOrder, type KeyLoopResult, type KeyWork, takeOrders } from './messages.ts'

/** As long as the messages that the server signs. */
const MESSAGE_BYTES = 100
const DIGEST_BYTES = 32

const message = randomBytes(MESSAGE_BYTES)
const digest = randomBytes(DIGEST_BYTES)

/** What makes the work ready to be repeated. */
const WORKS: Readonly<Record<KeyWork, () => () => void>> = {
  'rsa-2048-pss': () =>
    signing('sha256', message, {
      key: rsaPair().privateKey,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    }),
  'rsa-2048-pkcs1': () => signing('sha256', message, rsaPair().privateKey),
  p256: () => signing('sha256', message, p256Pair().privateKey),
  // node:crypto signs no ready digest: this hashes one block more, a thousandth of the signature.
  'p256-digest': () => signing('sha256', digest, p256Pair().privateKey),
  ed25519: () => signing(null, message, generateKeyPairSync('ed25519').privateKey),
  'ml-dsa-65': () => signing(null, message, generateKeyPairSync('ml-dsa-65').privateKey),
  'hmac-256': () => {
    const key = createSecretKey(randomBytes(32))
    return () => createHmac('sha256', key).update(message).digest()
  },
  'rsa-2048-pair': () => () => exportPair(rsaPair()),
  'p256-pair': () => () => exportPair(p256Pair()),
}

const prepared = new Map<KeyWork, () => void>()

takeOrders<KeyLoopOrder, KeyLoopResult>(({ seconds, work }) => {
  const once = prepared.get(work) ?? WORKS[work]()
  prepared.set(work, once)
  const before = process.cpuUsage()
  const startedAtMs = performance.now()
  const endAtMs = startedAtMs + seconds * 1000
  let operations = 0
  while (performance.now() < endAtMs) {
    once()
    operations++
  }
  const { user, system } = process.cpuUsage(before)
  return {
    operations,
    seconds: (performance.now() - startedAtMs) / 1000,
    cpuSeconds: (user + system) / 1e6,
  }
})

function signing(hash: string | null, signed: Buffer, key: KeyObject | SignKeyObjectInput) {
  return () => sign(hash, signed, key)
}

function rsaPair() {
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

function p256Pair() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

function exportPair({ privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }) {
  privateKey.export({ format: 'der', type: 'pkcs8' }).fill(0)
  publicKey.export({ format: 'der', type: 'spki' })
}
