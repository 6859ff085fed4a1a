// https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
import { identityDemand } from '../../../contract/demand.ts'
import { InvalidAuthorizationMessageException } from '../errors.ts'
import { ENCODED_MESSAGE } from '../limits.ts'
import type { StsOperation } from '../operation.ts'
import {
  type DecodeAuthorizationMessageRequest,
  type DecodeAuthorizationMessageResponse,
  stsSchema,
} from '../wire.ts'

export const DecodeAuthorizationMessage: StsOperation<
  DecodeAuthorizationMessageRequest,
  DecodeAuthorizationMessageResponse,
  'caller'
> = {
  schema: stsSchema('DecodeAuthorizationMessage'),
  limits: { EncodedMessage: ENCODED_MESSAGE },
  errors: [InvalidAuthorizationMessageException],
  target: () => 'caller',
  demands: (_target, _input, call) => [
    identityDemand('sts:DecodeAuthorizationMessage', '*', call.account),
  ],
  usage: () => [],
  resources: () => [],
  // What was decoded is for the caller's eyes, not for those who may read the trail.
  audit: { readOnly: true, show: ['EncodedMessage'], showOutput: [] },
  handle(input, _target, call) {
    const message = call.stores.identities.decodeMessage(call.account, input.EncodedMessage)
    if (message === undefined) throw new InvalidAuthorizationMessageException()
    return { DecodedMessage: message }
  },
}
