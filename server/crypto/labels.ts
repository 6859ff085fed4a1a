// Every derived use of a key has a label of its own (NIST SP 800-108r1 §4): this is the whole table.

/** A label goes into the key derivation, so a key derived for one use is useless for another. */
export const LABELS = {
  /** Backing key → the one-time key of a ciphertext blob. */
  ciphertext: 'keyhold/1/ciphertext',
  /** Root key → the one-time key that wraps a domain key. */
  domainKey: 'keyhold/1/domain-key',
  /** Domain key → the one-time key that wraps a backing key. */
  backingKey: 'keyhold/1/backing-key',
  /** Domain key → the one-time key that seals an import token. */
  importToken: 'keyhold/1/import-token',
  /** Domain key → the key of the fingerprints of imported material. */
  materialFingerprint: 'keyhold/1/material-fingerprint',
  /** Root key → the one-time key that wraps a secret access key. */
  accessKey: 'keyhold/1/access-key',
  /** Root key → the one-time key that wraps the private key which signs trail heads. */
  trailKey: 'keyhold/1/trail-key',
  /** Root key → the one-time key that wraps a session key. */
  sessionKey: 'keyhold/1/session-key',
  /** Session key → the one-time key of one session token. */
  sessionToken: 'keyhold/1/session-token',
  /** Session key → the one-time key of an encoded authorization message. */
  authorizationMessage: 'keyhold/1/authorization-message',
  /** Key-encryption key of a seal → the one-time key that wraps the root key. */
  rootKey: 'keyhold/1/root-key',
  /** Root key → the one-time key that wraps the key of one backup. */
  backup: 'keyhold/1/backup',
  /** Backup key → the one-time key of one chunk of the backup. */
  backupChunk: 'keyhold/1/backup-chunk',
  /** Root key → the key of the MACs on rows that carry authority. */
  rowMac: 'keyhold/1/row-mac',
  /** The trail's private key → the key of the MACs on trail heads. */
  trailMac: 'keyhold/1/trail-mac',
} as const

export type Label = keyof typeof LABELS
