// Limits of members that several KMS operations share; source: the KMS API reference.
import { all, each, length, oneOf, pattern, range, structures } from '../../schema/limits.ts'
import {
  DryRunModifierType,
  GrantOperation,
  KeyEncryptionMechanism,
  XksProxyConnectivityType,
} from './wire.ts'

/** A key id, key ARN, alias name or alias ARN. */
export const KEY_ID = length(1, 2048)
export const GRANT_TOKENS = all(length(0, 10), each(length(1, 8192)))
export const GRANT_ID = length(1, 128)
export const GRANT_OPERATIONS = all(length(1, 100), each(oneOf(GrantOperation)))
export const PRINCIPAL = all(length(1, 256), pattern(/^[\w+=,.@:/-]+$/))
export const SERVICE_PRINCIPAL = all(length(1, 128), pattern(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/))
/** The quota `Grants per KMS key`. */
export const GRANTS_PER_KEY = 50_000
/** Bytes that a symmetric key encrypts directly. */
export const PLAINTEXT = length(1, 4096)
export const CIPHERTEXT = length(1, 6144)
/** How a dry run is done. */
export const DRY_RUN_MODIFIERS = each(oneOf(DryRunModifierType))
/** For whom the answer is encrypted. */
export const RECIPIENT = structures({
  AttestationDocument: length(1, 262_144),
  KeyEncryptionAlgorithm: oneOf(KeyEncryptionMechanism),
})
/** What is signed, or what a MAC is made of. */
export const MESSAGE = length(1, 4096)
/** A signature, or a MAC. */
export const SIGNATURE = length(1, 6144)
/** Bytes of a data key or of random output. */
export const NUMBER_OF_BYTES = range(1, 1024)
export const CUSTOM_KEY_STORE_ID = length(1, 64)
export const CUSTOM_KEY_STORE_NAME = length(1, 256)
const XKS_URI_PATH = '^(/[a-zA-Z0-9\\/_-]+/kms/xks/v\\d{1,2})$|^(/kms/xks/v\\d{1,2})$'
/** How a custom key store is reached. */
export const CUSTOM_KEY_STORE_SETTINGS = {
  CloudHsmClusterId: all(
    length(19, 24),
    pattern(/^cluster-[2-7a-zA-Z]{11,16}$/, 'cluster-[2-7a-zA-Z]{11,16}'),
  ),
  KeyStorePassword: length(7, 32),
  XksProxyUriEndpoint: all(
    length(10, 128),
    pattern(/^https:\/\/[a-zA-Z0-9.-]+$/, '^https://[a-zA-Z0-9.-]+$'),
  ),
  XksProxyUriPath: all(
    length(10, 128),
    pattern(/^(\/[a-zA-Z0-9/_-]+\/kms\/xks\/v\d{1,2})$|^(\/kms\/xks\/v\d{1,2})$/, XKS_URI_PATH),
  ),
  XksProxyVpcEndpointServiceName: all(
    length(20, 64),
    pattern(/^(com|eu)\.amazonaws\.vpce\.([a-z]+-){2,3}\d+\.vpce-svc-[0-9a-z]+$/),
  ),
  XksProxyVpcEndpointServiceOwner: all(length(12, 12), pattern(/^[0-9]{12}$/, '[0-9]{12}')),
  XksProxyAuthenticationCredential: structures({
    AccessKeyId: all(length(20, 30), pattern(/^[A-Z2-7]+$/)),
    RawSecretAccessKey: all(length(43, 64), pattern(/^[a-zA-Z0-9/+=]+$/)),
  }),
  XksProxyConnectivity: oneOf(XksProxyConnectivityType),
} as const
export const KEY_MATERIAL_ID = all(length(64, 64), pattern(/^[a-f0-9]+$/))
/** Entries of one page. */
export const PAGE_LIMIT = range(1, 1000)
export const MARKER = all(length(1, 1024), pattern(/^[ -\u00ff]*$/, '[\\u0020-\\u00FF]*'))
/** The model allows a colon, which CreateAlias then refuses by name. */
export const ALIAS_NAME = all(length(1, 256), pattern(/^[a-zA-Z0-9:/_-]+$/))
/** Text that any database keeps as it is: no NUL, no half of a surrogate pair. */
export const DESCRIPTION = all(length(0, 8192), pattern(/^[^\0\p{Cs}]*$/u))
export const POLICY_NAME = all(length(1, 128), pattern(/^[\w]+$/, '[\\w]+'))
/** A policy document: tab, line feed, carriage return and Latin-1 from the space on. */
export const POLICY = all(
  length(1, 131_072),
  pattern(/^[\t\n\r -\u00ff]+$/, '[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+'),
)
/** The one policy that a key has. */
export const DEFAULT_POLICY_NAME = 'default'
/** The name of a Region. */
export const REGION = all(length(1, 32), pattern(/^([a-z]+-){2,3}\d+$/, '^([a-z]+-){2,3}\\d+$'))
export const TAGS = structures({ TagKey: length(1, 128), TagValue: length(0, 256) })
export const TAG_KEYS = each(length(1, 128))
/** The quota `Aliases per key`. */
export const ALIASES_PER_KEY = 50
export const TAGS_PER_KEY = 50
/** Characters of all keys and values of an encryption context. */
export const ENCRYPTION_CONTEXT_CHARACTERS = 8192
