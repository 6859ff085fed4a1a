// https://docs.aws.amazon.com/kms/latest/APIReference/API_ListRetirableGrants.html
import { identityDemand } from '../../../contract/demand.ts'
import { ValidationException } from '../../../contract/errors.ts'
import { InvalidArnException, InvalidMarkerException } from '../errors.ts'
import { grantPage } from '../grants/grant-list.ts'
import { findKeptId } from '../keys/principals.ts'
import { MARKER, PAGE_LIMIT, PRINCIPAL, SERVICE_PRINCIPAL } from '../limits.ts'
import type { KmsReading } from '../operation.ts'
import { draw } from '../request-quotas.ts'
import { kmsSchema, type ListGrantsResponse, type ListRetirableGrantsRequest } from '../wire.ts'

const ACCOUNT_OF_ARN = /^arn:aws:(?:iam|sts)::(\d{12}):/

/** The principal as it was given. Grants of keys of all accounts may name it. */
type Target = { readonly principal: string }

export const ListRetirableGrants: KmsReading<
  ListRetirableGrantsRequest,
  ListGrantsResponse,
  Target
> = {
  schema: kmsSchema('ListRetirableGrants'),
  limits: {
    Limit: PAGE_LIMIT,
    Marker: MARKER,
    RetiringPrincipal: PRINCIPAL,
    RetiringServicePrincipal: SERVICE_PRINCIPAL,
  },
  errors: [InvalidArnException, InvalidMarkerException],
  target({ RetiringPrincipal: principal, RetiringServicePrincipal: service }) {
    if ((principal === undefined) === (service === undefined)) {
      throw new ValidationException(
        'You must specify either RetiringPrincipal or RetiringServicePrincipal, but not both.',
      )
    }
    // Nobody is a service principal here.
    if (principal === undefined) {
      throw new ValidationException(
        'RetiringServicePrincipal is usable only by callers in a service principal.',
      )
    }
    return { principal }
  },
  // The principal is the resource: one of another account is that account's, which cannot allow it.
  demands(_target, { RetiringPrincipal: principal = '' }, call) {
    const account = ACCOUNT_OF_ARN.exec(principal)?.[1]
    const resource = account === undefined ? '*' : principal
    return [identityDemand('kms:ListRetirableGrants', resource, account ?? call.account)]
  },
  usage: (_target, _input, call) => draw('ListRetirableGrants', call),
  resources: () => [],
  audit: { readOnly: true, show: ['Limit', 'Marker', 'RetiringPrincipal'], showOutput: [] },
  async handle(input, { principal }, call) {
    const { grants, principals } = call.stores
    const retiring = await findKeptId(principal, principals)
    // A number or an id says nothing of its account before it is looked up: only one's own will do.
    const isOwn = ACCOUNT_OF_ARN.test(principal) || retiring === call.account
    if (retiring === undefined || !isOwn) throw InvalidArnException.principal(principal)
    return grantPage(input, principals, (after, limit) =>
      grants.listRetirable(retiring, call.region, after, limit),
    )
  },
}
