// Limits of STS's inputs. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
import { all, each, length, pattern, range, structures } from '../../schema/limits.ts'

export const ARN = length(20, 2048)
export const SESSION_POLICY = length(1, 2048)
export const POLICY_ARNS = structures({ arn: ARN })
export const SESSION_NAME = all(length(2, 64), pattern(/^[\w+=,.@-]*$/, '[\\w+=,.@-]*'))
export const FEDERATED_NAME = all(length(2, 32), pattern(/^[\w+=,.@-]*$/, '[\\w+=,.@-]*'))
export const EXTERNAL_ID = all(length(2, 1224), pattern(/^[\w+=,.@:/-]*$/, '[\\w+=,.@:\\/-]*'))
export const ACCESS_KEY_ID = all(length(16, 128), pattern(/^\w*$/, '[\\w]*'))
export const ENCODED_MESSAGE = length(1, 10_240)
export const WEB_IDENTITY_TOKEN = length(4, 20_000)
export const PROVIDER_ID = length(4, 2048)
export const SERIAL_NUMBER = all(length(9, 256), pattern(/^[\w+=/:,.@-]*$/, '[\\w+=/:,.@-]*'))
export const TOKEN_CODE = all(length(6, 6), pattern(/^\d*$/, '[\\d]*'))
export const TAGS = all(length(0, 50), structures({ Key: length(1, 128), Value: length(0, 256) }))
export const TAG_KEYS = all(length(0, 50), each(length(1, 128)))
export const ROLE_SECONDS = range(900, 43_200)
export const OWN_SECONDS = range(900, 129_600)

/** How many managed policies a session may have. */
export const MAX_POLICY_ARNS = 10
