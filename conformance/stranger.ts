// Opens a passphrase seal by what docs/cryptography.md says alone, as somebody without Keyhold could.
import { argon2Sync, createDecipheriv, createHmac } from 'node:crypto'

type PassphraseSeal = {
  readonly rootKeyId: string
  readonly salt: string
  readonly cost: { readonly memoryKiB: number; readonly passes: number; readonly lanes: number }
  readonly wrapped: string
}

/** The root key's 32 bytes; throws where the passphrase is another one. */
export function openPassphraseSeal(seal: PassphraseSeal, passphrase: string): Buffer {
  const key = argon2Sync('argon2id', {
    message: Buffer.from(passphrase),
    nonce: Buffer.from(seal.salt, 'base64'),
    parallelism: seal.cost.lanes,
    memory: seal.cost.memoryKiB,
    passes: seal.cost.passes,
    tagLength: 32,
  })
  const message = Buffer.from(seal.wrapped, 'base64')
  const [nonce, iv, body, tag] = [
    message.subarray(0, 16),
    message.subarray(16, 28),
    message.subarray(28, -16),
    message.subarray(-16),
  ]
  const fixed = Buffer.from('\0\0\0\x01keyhold/1/root-key\0', 'latin1')
  const oneTimeKey = createHmac('sha256', key)
    .update(Buffer.concat([fixed, nonce, Buffer.from('\0\0\x01\0', 'latin1')]))
    .digest()
  const cipher = createDecipheriv('aes-256-gcm', oneTimeKey, iv)
  cipher.setAAD(fields('root key', seal.rootKeyId, 'passphrase'))
  cipher.setAuthTag(tag)
  return Buffer.concat([cipher.update(body), cipher.final()])
}

function fields(...values: readonly string[]): Buffer {
  const parts = values.map((value) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(Buffer.byteLength(value))
    return Buffer.concat([length, Buffer.from(value)])
  })
  return Buffer.concat(parts)
}
