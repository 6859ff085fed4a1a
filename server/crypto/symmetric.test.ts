// The same cryptography by the add-on and step by step: held to node's, and to each other.
import { createHash, createHmac, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadAddOn } from './native/binding.ts'
import { secretKey } from './secret-key.ts'
import { nativeSymmetric } from './symmetric-native.ts'
import { stepwiseSymmetric } from './symmetric-stepwise.ts'

const addOn = loadAddOn()
const stepwise = stepwiseSymmetric()
const ways = [
  ['step by step', stepwise] as const,
  ...(addOn === undefined ? [] : [['by the add-on', nativeSymmetric(addOn)] as const]),
]

const bytes = (maxLength = 300) =>
  fc.uint8Array({ maxLength }).map((array) => Buffer.from(array) as Buffer)
const latin1 = fc
  .uint8Array({ maxLength: 300 })
  .map((array) => Buffer.from(array).toString('latin1'))
const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((array) => Buffer.from(array))

describe.each(ways)('Symmetric cryptography %s', (_, symmetric) => {
  it('agrees with node:crypto over any key, derivation, associated data, plaintext and place', () => {
    fc.assert(
      fc.property(
        key,
        bytes(),
        bytes(),
        bytes(),
        bytes(40),
        (secret, derivation, ad, text, front) => {
          const handle = secretKey(Buffer.from(secret))
          const message = Buffer.concat([
            front,
            Buffer.alloc(12, 7),
            Buffer.alloc(text.length + 16),
          ])
          symmetric.seal(handle, derivation, ad, message, front.length, text)
          expect(message.subarray(0, front.length)).toEqual(front)
          const other = Buffer.from(message).fill(0, front.length + 12)
          stepwise.seal(secretKey(secret), derivation, ad, other, front.length, text)
          expect(message).toEqual(other)
          const opened = Buffer.alloc(text.length)
          expect(symmetric.open(handle, derivation, ad, message, front.length, opened)).toBe(true)
          expect(opened).toEqual(text)
        },
      ),
    )
  })

  it('refuses any message with a bit flipped, and zeroes what came of it', () => {
    const handle = secretKey(Buffer.alloc(32, 1))
    const [derivation, ad, text] = ['derivation', 'associated', 'plaintext'].map(Buffer.from) as [
      Buffer,
      Buffer,
      Buffer,
    ]
    const message = Buffer.alloc(12 + text.length + 16)
    symmetric.seal(handle, derivation, ad, message, 0, text)
    for (let at = 0; at < message.length * 8; at++) {
      const forged = Buffer.from(message)
      forged[at >> 3] = (forged[at >> 3] as number) ^ (1 << (at & 7))
      const opened = Buffer.alloc(text.length, 9)
      expect(symmetric.open(handle, derivation, ad, forged, 0, opened)).toBe(false)
      expect(opened).toEqual(Buffer.alloc(text.length))
    }
  })

  it('believes exactly the signature that HMAC and SHA-256 give, over any bytes', () => {
    fc.assert(
      fc.property(key, latin1, bytes(), latin1, (secret, text, body, prefix) => {
        const sha = (of: Buffer) => createHash('sha256').update(of).digest('hex')
        const hash = sha(Buffer.from(text + sha(body), 'latin1'))
        const right = createHmac('sha256', secret)
          .update(Buffer.from(prefix + hash, 'latin1'))
          .digest('hex')
        const handle = secretKey(Buffer.from(secret))
        const isRight = (signature: string) =>
          symmetric.isRequestSignature(handle, text, body, prefix, signature)
        expect(isRight(right)).toBe(true)
        const other = right.endsWith('0') ? '1' : '0'
        for (const wrong of [
          right.slice(0, -1) + other,
          right.slice(0, -1),
          `${right}0`,
          right.toUpperCase().replace(/^[0-9]*$/, 'x'),
          '',
        ]) {
          expect(isRight(wrong)).toBe(false)
        }
      }),
    )
  })

  it('takes texts of every length a request can have', () => {
    const handle = secretKey(Buffer.alloc(32, 1))
    const sha = (of: string | Buffer) => createHash('sha256').update(of).digest('hex')
    for (const length of [0, 1, 8191, 8192, 8193, 100_000]) {
      const text = 'x'.repeat(length)
      const body = Buffer.alloc(length, 3)
      const right = createHmac('sha256', Buffer.alloc(32, 1))
        .update(text + sha(text + sha(body)))
        .digest('hex')
      expect(symmetric.isRequestSignature(handle, text, body, text, right)).toBe(true)
      expect(symmetric.isRequestSignature(handle, `${text}x`, body, text, right)).toBe(false)
    }
  })
})

describe.runIf(addOn !== undefined)('The add-on', () => {
  const symmetric = addOn as NonNullable<typeof addOn>
  const handle = () => symmetric.importSecretKey(Buffer.alloc(32, 1))

  it('throws for every argument that is not what it takes, and goes on', () => {
    const good = [handle(), Buffer.alloc(1), Buffer.alloc(1), Buffer.alloc(30), 0, Buffer.alloc(2)]
    const call = (args: readonly unknown[]) => () =>
      (symmetric.seal as (...given: readonly unknown[]) => void)(...args)
    expect(call(good)).not.toThrow()
    const bad = [undefined, null, 'text', {}, [], true]
    for (let at = 0; at < good.length; at++) {
      for (const value of bad) {
        const args = good.map((given, index) => (index === at ? value : given))
        expect(call(args), `${at}: ${String(value)}`).toThrow('arguments')
      }
    }
    for (const [at, value] of [
      [3, Buffer.alloc(29)],
      [3, Buffer.alloc(31)],
      [4, 1],
      [4, -1],
      [4, 2 ** 32 - 1],
      [5, Buffer.alloc(3)],
    ] as const) {
      expect(call(good.map((given, index) => (index === at ? value : given)))).toThrow('arguments')
    }
    expect(call(good.slice(0, 5))).toThrow('arguments')
    for (const value of [...bad, Buffer.alloc(0)]) {
      expect(() => symmetric.importSecretKey(value as Buffer)).toThrow('arguments')
    }
    expect(call(good)).not.toThrow()
  })

  it('takes no handle of another kind for a key, which would be read as what it is not', () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const pair = symmetric.importPrivateKey(privateKey.export({ format: 'der', type: 'pkcs8' }))
    const [empty, message] = [Buffer.alloc(0), Buffer.alloc(28)]
    const [foreign, secret] = [pair as never, handle() as never]
    for (const call of [
      () => symmetric.seal(foreign, empty, empty, message, 0, empty),
      () => symmetric.open(foreign, empty, empty, message, 0, empty),
      () => symmetric.isRequestSignature(foreign, '', empty, '', ''),
      () => symmetric.sign([[secret, 0, 256, false, Buffer.alloc(32)]]),
      () => symmetric.verify(secret, 0, 256, Buffer.alloc(32), Buffer.alloc(64)),
    ]) {
      expect(call).toThrow('arguments')
    }
  })
})
