// Limits of members that several operations of IAM share; source: the IAM API reference.
import {
  all,
  each,
  type Limit,
  length,
  oneOf,
  pattern,
  range,
  structures,
} from '../../schema/limits.ts'

/** Of entities to find; those to make have shorter names, see `NEW_NAME`. */
export const NAME = length(1, 128)
export const NEW_NAME = length(1, 64)
export const PATH = all(
  length(1, 512),
  pattern(/^\/(?:[\x21-\x7e]+\/)?$/, '(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)'),
)
export const PATH_PREFIX = all(
  length(1, 512),
  pattern(/^\/[\x21-\x7f]*$/, '\\u002F[\\u0021-\\u007F]*'),
)
export const ARN = length(20, 2048)
export const POLICY_DOCUMENT = all(
  length(1, 131_072),
  pattern(/^[\t\n\r\x20-\xff]+$/, '[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+'),
)
export const VERSION_ID = pattern(
  /^v[1-9][0-9]{0,9}(?:\.[A-Za-z0-9-]{0,63})?$/,
  'v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?',
)
export const DESCRIPTION = all(
  length(0, 1000),
  pattern(
    /^[\t\n\r\x20-\x7e\xa1-\xff]*$/,
    '[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*',
  ),
)
export const SESSION_SECONDS = range(3600, 43_200)
export const ACCESS_KEY_ID = all(length(16, 128), pattern(/^\w+$/, '[\\w]+'))
export const STATUS = oneOf({ Active: 'Active', Inactive: 'Inactive' })
export const TAG_KEY = all(
  length(1, 128),
  pattern(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u, '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+'),
)
const TAG_VALUE = all(
  length(0, 256),
  pattern(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u, '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*'),
)
/** Tags of one resource. */
export const MAX_TAGS = 50
export const TAGS: Limit = {
  ...structures({ Key: TAG_KEY, Value: TAG_VALUE }),
  explain: length(0, MAX_TAGS).explain,
}
export const TAG_KEYS = all(length(0, MAX_TAGS), each(TAG_KEY))
/** One page of a list. */
export const PAGE = { Marker: length(1, 4096), MaxItems: range(1, 1000) } as const

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html, the defaults. */
export const QUOTAS = {
  users: 5000,
  groups: 300,
  roles: 1000,
  policies: 1500,
  groupsPerUser: 10,
  accessKeysPerUser: 2,
  attachedPolicies: 10,
  oidcProviders: 100,
  versionsPerPolicy: 5,
  /** Characters without white space. */
  policySize: 6144,
  trustPolicySize: 2048,
  inlineSize: { user: 2048, group: 5120, role: 10_240 },
} as const
