// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
import { noConditions } from '../../../contract/demand.ts'
import { AccessDeniedException } from '../../../contract/errors.ts'
import { PackedPolicyTooLargeException } from '../errors.ts'
import { OWN_SECONDS, SERIAL_NUMBER, TOKEN_CODE } from '../limits.ts'
import type { StsOperation } from '../operation.ts'
import { ownSession, requireNoMfa } from '../own-session.ts'
import { issue } from '../session-request.ts'
import { type GetSessionTokenRequest, type GetSessionTokenResponse, stsSchema } from '../wire.ts'

export const GetSessionToken: StsOperation<
  GetSessionTokenRequest,
  GetSessionTokenResponse,
  'caller'
> = {
  schema: stsSchema('GetSessionToken'),
  limits: { DurationSeconds: OWN_SECONDS, SerialNumber: SERIAL_NUMBER, TokenCode: TOKEN_CODE },
  errors: [PackedPolicyTooLargeException],
  target(_input, { caller }) {
    if (caller.session !== undefined) {
      throw new AccessDeniedException('Cannot call GetSessionToken with session credentials')
    }
    return 'caller'
  },
  // It gives nothing that the caller does not have: AWS asks for no permission.
  demands: (_target, _input, call) => [
    {
      action: 'sts:GetSessionToken',
      resource: '*',
      owner: call.account,
      conditions: noConditions,
      denial: undefined,
      authority: 'anyone',
    },
  ],
  usage: () => [],
  resources: () => [],
  audit: {
    readOnly: true,
    show: ['DurationSeconds', 'SerialNumber'],
    showOutput: ['Credentials.AccessKeyId', 'Credentials.Expiration'],
  },
  handle(input, _target, call) {
    requireNoMfa(input)
    const facts = ownSession('user', input.DurationSeconds, call)
    return { Credentials: issue(facts, call.stores).Credentials }
  },
}
