// The passphrase seal: the right passphrase gives the root key, any other gives nothing.
import { describe, expect, it } from 'vitest'
import { ARGON2_COST } from '../crypto/passphrase-key.ts'
import { newRootKey } from './file-seal.ts'
import { openWithPassphrase, sealWithPassphrase } from './passphrase-seal.ts'

const WORDS = 'correct horse battery staple'
const root = newRootKey()
const sealed = sealWithPassphrase(root, Buffer.from(WORDS))
const keyOf = (key: typeof root | undefined) => key?.lend((bytes) => bytes.toString('hex'))

describe('a root key sealed with a passphrase', () => {
  it('comes back with that passphrase, and is the same', async () => {
    const again = (await openWithPassphrase(await sealed, Buffer.from(WORDS)))?.rootKey
    expect(again?.id).toBe(root.id)
    expect(keyOf(again)).toBe(keyOf(root))
  })

  it('does not come back with a passphrase that differs in anything', async () => {
    for (const wrong of ['', `${WORDS}\n`, 'Correct horse battery staple']) {
      expect(await openWithPassphrase(await sealed, Buffer.from(wrong)), wrong).toBeUndefined()
    }
  })

  it('names its root key, the way and what a guess costs, and nothing secret', async () => {
    const { salt, wrapped, ...rest } = await sealed
    expect(rest).toEqual({ format: 1, kind: 'passphrase', rootKeyId: root.id, cost: ARGON2_COST })
    expect(Buffer.from(salt, 'base64')).toHaveLength(16)
    // nonce (16) ‖ IV (12) ‖ key (32) ‖ tag (16)
    expect(Buffer.from(wrapped, 'base64')).toHaveLength(76)
    expect(JSON.stringify(await sealed)).not.toContain('horse')
  })

  it('has another salt each time, so that equal passphrases do not show', async () => {
    const again = await sealWithPassphrase(root, Buffer.from(WORDS))
    expect(again.salt).not.toBe((await sealed).salt)
  })

  it('does not come back when salt or cost were changed', async () => {
    const document = await sealed
    const salt = Buffer.alloc(16).toString('base64')
    expect(await openWithPassphrase({ ...document, salt }, Buffer.from(WORDS))).toBeUndefined()
    const cost = { ...document.cost, passes: 4 }
    expect(await openWithPassphrase({ ...document, cost }, Buffer.from(WORDS))).toBeUndefined()
  })

  it('is refused when somebody made guessing cheaper, before the passphrase is used', async () => {
    const document = await sealed
    for (const cheaper of [{ memoryKiB: 8 }, { passes: 1 }, { memoryKiB: 64 * 1024 - 1 }]) {
      const cost = { ...document.cost, ...cheaper }
      const passphrase = Buffer.from(WORDS)
      await expect(openWithPassphrase({ ...document, cost }, passphrase)).rejects.toThrow(
        'needs: The cost of a passphrase is at least what it was made with',
      )
      expect(passphrase).toEqual(Buffer.alloc(WORDS.length))
    }
  })

  it('leaves no passphrase in the buffers it came in, right or wrong', async () => {
    for (const text of [WORDS, 'another passphrase']) {
      const passphrase = Buffer.from(text)
      await openWithPassphrase(await sealed, passphrase)
      expect(passphrase).toEqual(Buffer.alloc(text.length))
    }
    const passphrase = Buffer.from(WORDS)
    await sealWithPassphrase(root, passphrase)
    expect(passphrase).toEqual(Buffer.alloc(WORDS.length))
  })
})
