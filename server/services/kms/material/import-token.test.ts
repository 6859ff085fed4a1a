// Import tokens: sealed for one key in one place, and never readable.
import { describe, expect, it } from 'vitest'
import { exportPublicKey, publicKeyOf, withPrivateKeyBytes } from '../../../crypto/key-pair.ts'
import { sqlite } from '../../../storage/testing/dialects.ts'
import type { Key } from '../keys/key.ts'
import { kms } from '../service.ts'
import { newRootKey, SCOPE } from '../testing/stores.ts'
import { openDomainKeyStore } from './domain-key-store.ts'
import { importTokens, WRAPPING_KEY_SPECS } from './import-token.ts'

const REGIONS = ['us-east-1', 'eu-west-1']
const key = { ...SCOPE, id: '00000000-1111-4222-8333-444444444444' } as Key
const NOW_MS = 1_700_000_000_123

async function open() {
  const storage = await sqlite.freshStorage(kms.migrations)
  const domainKeys = await openDomainKeyStore(storage, newRootKey(), REGIONS)
  return { storage, domainKeys, tokens: importTokens(domainKeys) }
}

describe('An import token', () => {
  it.each(WRAPPING_KEY_SPECS)('of a wrapping key %s says what it was made for', async (spec) => {
    const { tokens } = await open()
    const made = await tokens.make(key, 'RSA_AES_KEY_WRAP_SHA_1', spec, NOW_MS)
    const opened = await tokens.open(key, made.token)
    expect(opened).toMatchObject({
      algorithm: 'RSA_AES_KEY_WRAP_SHA_1',
      validToMs: NOW_MS + 24 * 3_600_000,
    })
    expect(made.validToMs).toBe(opened?.validToMs)
    const own = opened && exportPublicKey(publicKeyOf(opened.privateKey))
    expect(own).toEqual(made.publicKey)
    // Nothing of the private key is in the clear: no run of it of any length.
    const pkcs8 = opened && withPrivateKeyBytes(opened.privateKey, (bytes) => Buffer.from(bytes))
    for (let at = 0; at + 16 <= (pkcs8?.length ?? 0); at += 16) {
      expect(made.token.indexOf(pkcs8?.subarray(at, at + 16) as Buffer)).toBe(-1)
    }
  })

  describe('is nothing', () => {
    async function made() {
      const { tokens } = await open()
      const { token } = await tokens.make(key, 'RSAES_OAEP_SHA_1', 'RSA_2048', NOW_MS)
      return { tokens, token }
    }

    it('to another key, account or Region', async () => {
      const { tokens, token } = await made()
      for (const other of [
        { ...key, id: key.id.replace('0', '1') },
        { ...key, account: '444455556666' },
        { ...key, region: 'eu-west-1' },
      ]) {
        expect(await tokens.open(other, token)).toBeUndefined()
      }
    })

    it('when it was changed anywhere, or cut', async () => {
      const { tokens, token } = await made()
      for (let at = 0; at < token.length; at += 7) {
        const changed = Buffer.from(token)
        changed[at] = (changed[at] as number) ^ 0x80
        expect(await tokens.open(key, changed)).toBeUndefined()
      }
      for (const length of [0, 1, 17, 18, token.length - 1]) {
        expect(await tokens.open(key, token.subarray(0, length))).toBeUndefined()
      }
    })

    it('to a server with other domain keys', async () => {
      const { token } = await made()
      const other = await open()
      expect(await other.tokens.open(key, token)).toBeUndefined()
    })
  })

  it('outlives a rotation of the domain key', async () => {
    const { storage, domainKeys, tokens } = await open()
    const made = await tokens.make(key, 'RSAES_OAEP_SHA_1', 'RSA_2048', NOW_MS)
    await storage.write((tx) => domainKeys.insert(tx, domainKeys.generate(key.region)))
    expect((await tokens.open(key, made.token))?.algorithm).toBe('RSAES_OAEP_SHA_1')
  })
})
