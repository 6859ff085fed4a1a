// Session tokens: temporary credentials that no database holds. A token is everything the session
// stands for, with its secret access key, sealed under a key that only this installation has.
//
//   token = base64( version (1) ‖ generation of the session key (4) ‖ message )
//   message = one-time encryption (docs/cryptography.md) of: secret access key (40) ‖ deflated JSON of the facts
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { LRUCache } from 'lru-cache'
import type { SessionFacts, TemporaryCredentials } from '../../../contract/session.ts'
import { fields } from '../../../crypto/fields.ts'
import { decryptOnce, encryptOnce } from '../../../crypto/one-time-encryption.ts'
import { randomBytes } from '../../../crypto/random.ts'
import { type SecretKey, secretKey } from '../../../crypto/secret-key.ts'
import { newSessionKeyId } from '../entities/unique-id.ts'
import type { SessionKey } from './session-key-store.ts'

/** What a token that is ours stands for. */
export type OpenedSession = {
  readonly facts: SessionFacts
  /** `AWS4` ‖ secret access key. */
  readonly signingSecret: SecretKey
}

/** What STS seals with the same key: why a call was denied, for the account's administrators alone. */
export type SealedMessages = {
  encodeMessage(account: string, message: string): string
  /** The message again; nothing where it is none of ours, or of another account. */
  decodeMessage(account: string, encoded: string): string | undefined
}

export type SessionTokens = SealedMessages & {
  /** New credentials for these facts; nothing where the token would be longer than it may be. */
  issue(facts: SessionFacts): TemporaryCredentials | undefined
  /** What the token stands for; nothing where it is none of ours, or of another access key. */
  open(accessKeyId: string, sessionToken: string): OpenedSession | undefined
}

const VERSION = 1
const HEADER_BYTES = 5
/** 240 random bits in base64. */
const SECRET_BYTES = 40
const MAX_FACTS_BYTES = 64 * 1024
/** Tokens travel in a header: Node reads 16 KiB of headers in all. */
const MAX_TOKEN_CHARACTERS = 8 * 1024
const MAX_OPENED_TOKENS = 10_000
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

export function sessionTokens({ generation, key }: SessionKey): SessionTokens {
  // Only tokens that were right get in, so nobody can push others out by inventing some.
  const opened = new LRUCache<string, OpenedSession & { accessKeyId: string }>({
    max: MAX_OPENED_TOKENS,
  })
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt8(VERSION)
  header.writeUInt32BE(generation, 1)

  return {
    issue(facts) {
      const accessKeyId = newSessionKeyId(facts.account)
      const secretAccessKey = randomBytes(30).toString('base64')
      const content = Buffer.concat([
        Buffer.from(secretAccessKey),
        deflateRawSync(JSON.stringify(facts)),
      ])
      const token = encryptOnce(key, 'sessionToken', binding(accessKeyId), content, header)
      content.fill(0)
      const sessionToken = token.toString('base64')
      if (sessionToken.length > MAX_TOKEN_CHARACTERS) return undefined
      const percentOfToken = Math.ceil((100 * sessionToken.length) / MAX_TOKEN_CHARACTERS)
      return { accessKeyId, secretAccessKey, sessionToken, percentOfToken }
    },
    open(accessKeyId, sessionToken) {
      const known = opened.get(sessionToken)
      if (known !== undefined) return known.accessKeyId === accessKeyId ? known : undefined
      if (sessionToken.length > MAX_TOKEN_CHARACTERS || !BASE64.test(sessionToken)) return undefined
      const token = Buffer.from(sessionToken, 'base64')
      if (!token.subarray(0, HEADER_BYTES).equals(header)) return undefined
      const message = token.subarray(HEADER_BYTES)
      const content = decryptOnce(key, 'sessionToken', binding(accessKeyId), message)
      if (content === undefined) return undefined
      const session = readContent(content)
      opened.set(sessionToken, { ...session, accessKeyId })
      return session
    },
    encodeMessage(account, message) {
      const content = deflateRawSync(message)
      const bound = messageBinding(account)
      return encryptOnce(key, 'authorizationMessage', bound, content, header).toString('base64url')
    },
    decodeMessage(account, encoded) {
      const sealed = Buffer.from(encoded, 'base64url')
      if (!sealed.subarray(0, HEADER_BYTES).equals(header)) return undefined
      const message = sealed.subarray(HEADER_BYTES)
      const content = decryptOnce(key, 'authorizationMessage', messageBinding(account), message)
      return content && inflateRawSync(content, { maxOutputLength: MAX_FACTS_BYTES }).toString()
    },
  }
}

/** The content was sealed by us, so it is as `issue` wrote it. */
function readContent(content: Buffer): OpenedSession {
  try {
    const secret = content.subarray(0, SECRET_BYTES)
    const deflated = content.subarray(SECRET_BYTES)
    const text = inflateRawSync(deflated, { maxOutputLength: MAX_FACTS_BYTES }).toString()
    return {
      facts: JSON.parse(text),
      signingSecret: secretKey(Buffer.concat([Buffer.from('AWS4'), secret])),
    }
  } finally {
    content.fill(0)
  }
}

function messageBinding(account: string): Buffer {
  return fields('authorization message', account)
}

function binding(accessKeyId: string): Buffer {
  return fields('session token', accessKeyId)
}
