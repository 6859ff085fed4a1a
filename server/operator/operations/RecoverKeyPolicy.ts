// keyhold key recover-policy: the default key policy for a key that nobody can administer any more.
// AWS does this as a support case; here whoever may open the operator socket does, on the record of
// the installation and of the account that owns the key.
import { type Awaitable, after, type ChangingOperation, Missing } from '../../contract/operation.ts'
import { length } from '../../schema/limits.ts'
import { ownSchema } from '../../schema/own-shape.ts'
import type { Key } from '../../services/kms/keys/key.ts'
import { defaultKeyPolicy, NO_POLICY_PRINCIPALS } from '../../services/kms/keys/key-policy.ts'
import { keyResources } from '../../services/kms/keys/key-target.ts'
import { ManagedKeyException, NoSuchKeyException, NotConfirmedException } from '../errors.ts'
import { type OperatorStores, operatorDemand } from '../operation.ts'

type RecoverKeyPolicyRequest = { KeyArn: string; Confirm: boolean }
type RecoverKeyPolicyResponse = { KeyArn: string; Policy: string }

export const RecoverKeyPolicy: ChangingOperation<
  RecoverKeyPolicyRequest,
  RecoverKeyPolicyResponse,
  Key,
  OperatorStores,
  Key
> = {
  schema: ownSchema<RecoverKeyPolicyRequest, RecoverKeyPolicyResponse>(
    'RecoverKeyPolicy',
    { KeyArn: 'string!', Confirm: 'boolean!' },
    { KeyArn: 'string!', Policy: 'string!' },
  ),
  limits: { KeyArn: length(1, 2048) },
  errors: [NoSuchKeyException, NotConfirmedException, ManagedKeyException],
  target: ({ KeyArn: arn }, call): Awaitable<Key | Missing> =>
    after(call.stores.keys.find(arn), (key) =>
      key === undefined ? new Missing(arn, call.account, new NoSuchKeyException(arn)) : key,
    ),
  demands: (_target, _input, call) => operatorDemand('RecoverKeyPolicy', call),
  usage: () => [],
  resources: keyResources,
  audit: { readOnly: false, show: ['KeyArn', 'Confirm'], showOutput: ['KeyArn', 'Policy'] },
  prepare({ Confirm: isConfirmed }, key) {
    if (!isConfirmed) throw new NotConfirmedException()
    if (key.manager === 'AWS') throw new ManagedKeyException(key.arn)
    return key
  },
  async apply(key, tx, call) {
    const policy = defaultKeyPolicy(key.account)
    await call.stores.keys.change(tx, key, { policy, policyPrincipals: NO_POLICY_PRINCIPALS })
    return { KeyArn: key.arn, Policy: policy }
  },
}
