// Fingerprints of imported material: by them the same is known when it comes again. Keyed, and bound to
// the key, so that they help nobody to guess the material, nor to tell that two keys have the same.
import { equalInConstantTime } from '../../../crypto/digest.ts'
import { fields } from '../../../crypto/fields.ts'
import { exportPublicKey } from '../../../crypto/key-pair.ts'
import { withKeyBytes } from '../../../crypto/secret-key.ts'
import type { ForeignMaterial } from '../../../crypto/wrapped-material.ts'
import type { Key } from '../keys/key.ts'
import type { MaterialPlace } from './backing-key-store.ts'
import type { DomainKey, DomainKeyStore } from './domain-key-store.ts'
import type { ImportedMaterial } from './imported-material-store.ts'

export type Fingerprint = Pick<ImportedMaterial, 'fingerprint' | 'domainKeyId'>

export type Fingerprints = {
  /** Of material that is new to the key. */
  of(key: Key, material: ForeignMaterial): Promise<Fingerprint>
  /** Which of these the material is, or nothing where it is none of them. */
  findSame(
    key: Key,
    material: ForeignMaterial,
    known: readonly ImportedMaterial[],
  ): Promise<ImportedMaterial | undefined>
}

export function fingerprints(domainKeys: DomainKeyStore): Fingerprints {
  return {
    async of(key, material) {
      const domainKey = await domainKeys.newest(key.region)
      return { fingerprint: fingerprintBy(domainKey, key, material), domainKeyId: domainKey.id }
    },
    async findSame(key, material, known) {
      for (const each of known) {
        const domainKey = await domainKeys.get(each.domainKeyId)
        const fingerprint = fingerprintBy(domainKey, key, material)
        if (equalInConstantTime(fingerprint, each.fingerprint)) return each
      }
      return undefined
    },
  }
}

function fingerprintBy(domainKey: DomainKey, key: Key, material: ForeignMaterial): Buffer {
  const taken = (bytes: Uint8Array) => fingerprintOf(domainKey, key, bytes)
  // A private key has many encodings, its public key has one.
  return material.kind === 'secret'
    ? withKeyBytes(material.key, taken)
    : taken(exportPublicKey(material.publicKey))
}

/** The fingerprint of a secret key, or of a pair by its public key: it is the same wherever that is. */
export function fingerprintOf(
  domainKey: DomainKey,
  { account, id, spec, usage }: MaterialPlace,
  bytes: Uint8Array,
): Buffer {
  const content = fields('imported material', account, id, spec, usage, bytes)
  try {
    return domainKey.fingerprint(content)
  } finally {
    content.fill(0)
  }
}
