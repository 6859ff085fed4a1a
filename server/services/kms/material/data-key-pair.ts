// Data key pairs: made here, used elsewhere. What both GenerateDataKeyPair operations share.
import type { Call } from '../../../contract/call.ts'
import { DryRunOperationException } from '../../../contract/errors.ts'
import { isKeyPairSpec, isKeySpec } from '../../../crypto/algorithms.ts'
import { exportPublicKey, withPrivateKeyBytes } from '../../../crypto/key-pair.ts'
import { UnsupportedOperationException } from '../errors.ts'
import type { Key } from '../keys/key.ts'
import type { KmsStores } from '../operation.ts'
import type {
  GenerateDataKeyPairWithoutPlaintextRequest,
  GenerateDataKeyPairWithoutPlaintextResponse,
} from '../wire.ts'
import { sealBlob } from './ciphertext-blob.ts'
import { generateKeyPair } from './new-key-pair.ts'
import { currentSecret } from './symmetric.ts'

/**
 * A new pair, its private half as DER PKCS #8 encrypted under the key. Lends that to `take` as well,
 * and zeroes it afterwards. A dry run ends before primes are searched.
 */
export async function newDataKeyPair<Taken extends object>(
  key: Key,
  input: Pick<
    GenerateDataKeyPairWithoutPlaintextRequest,
    'KeyPairSpec' | 'EncryptionContext' | 'DryRun'
  >,
  call: Call<KmsStores>,
  take: (pkcs8: Buffer) => Taken,
): Promise<GenerateDataKeyPairWithoutPlaintextResponse & Taken> {
  const spec = input.KeyPairSpec as string
  // SM2 is for Regions in China.
  if (!isKeySpec(spec) || !isKeyPairSpec(spec)) {
    throw new UnsupportedOperationException(`KeyPairSpec ${spec} is not supported by this server.`)
  }
  if (input.DryRun === true) throw new DryRunOperationException()
  const pair = await generateKeyPair(spec)
  // Before the private key is lent: that lasts no longer than a function without promises.
  const material = await currentSecret(key, call)
  return withPrivateKeyBytes(pair.privateKey, (pkcs8) => ({
    PrivateKeyCiphertextBlob: sealBlob(
      material.key,
      material.blobHeader,
      input.EncryptionContext,
      pkcs8,
    ),
    ...take(pkcs8),
    PublicKey: exportPublicKey(pair.publicKey),
    KeyId: key.arn,
    KeyPairSpec: input.KeyPairSpec,
    KeyMaterialId: key.materialId,
  }))
}
