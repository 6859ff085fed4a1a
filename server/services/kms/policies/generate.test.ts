// What generated key policies let people do, decided by the engine that enforces them.
import { describe, expect, it } from 'vitest'
import { NO_POLICIES } from '../../../policy/authorization-request.ts'
import { authorize } from '../../../policy/authorize.ts'
import { compilePolicyText } from '../../../policy/compiled-policy.ts'
import { contextOf } from '../../../policy/context.ts'
import { type Principal, principalKeys } from '../../../policy/principal.ts'
import { defaultKeyPolicy } from '../keys/key-policy.ts'
import { CAPABILITIES, KEY_ACTIONS } from './capabilities.ts'
import { leastPrivilegePolicy, narrowerPolicy } from './generate.ts'
import { lintKeyPolicy } from './lint.ts'

const ACCOUNT = '111122223333'
const KEY = `arn:aws:kms:us-east-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`

const user = (name: string): Principal & { kind: 'user' } => ({
  kind: 'user',
  account: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:user/${name}`,
  id: `AIDA${name.toUpperCase().padEnd(17, 'X')}`,
  name,
})
const appA: Principal & { kind: 'role-session' } = {
  kind: 'role-session',
  account: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/appA/i-1`,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/apps/appA`,
  roleId: 'AROAAPPAXXXXXXXXXXXXX',
  sessionName: 'i-1',
  role: 'customer',
}
const [ci, person1, admin] = [user('ci'), user('person1'), user('admin')]
const root: Principal = { kind: 'root-user', account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root` }
const KMS_ADMINISTRATOR = compilePolicyText(
  '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}',
  'identity',
  'kms-administrator',
)

/** Whether the principal may, with `kms:*` in its identity policies where `asAdministrator`. */
function may(
  policy: object | string,
  principal: Principal,
  action: string,
  asAdministrator = false,
) {
  const text = typeof policy === 'string' ? policy : JSON.stringify(policy)
  return authorize({
    principal,
    policies: { ...NO_POLICIES, identity: asAdministrator ? [KMS_ADMINISTRATOR] : [] },
    demand: {
      action,
      resource: KEY,
      account: ACCOUNT,
      resourceControl: undefined,
      context: contextOf([...principalKeys(principal), ['kms:GrantIsForAWSResource', 'false']]),
      authority: 'delegation',
      policy: compilePolicyText(text, 'key', KEY),
      grants: [],
    },
  }).allowed
}

const wanted = {
  account: ACCOUNT,
  grants: {
    'administer-resource': [ci.arn, person1.arn],
    'read-config': [ci.arn, person1.arn],
    'read-data': [appA.roleArn, person1.arn],
    'write-data': [appA.roleArn, person1.arn],
    'delete-data': [person1.arn],
  },
  custom: { actions: [], principals: [] },
} as const

describe('The default key policy', () => {
  it('leaves the key to whoever has rights in IAM', () => {
    const policy = defaultKeyPolicy(ACCOUNT)
    expect(may(policy, admin, 'kms:Decrypt', true)).toBe(true)
    expect(may(policy, admin, 'kms:Decrypt')).toBe(false)
  })
})

describe('The narrower key policy', () => {
  it('lets in those it names, and nobody else whatever their rights in IAM', () => {
    const policy = narrowerPolicy([ci.arn, appA.roleArn])
    for (const action of KEY_ACTIONS) {
      expect(may(policy, ci, action), action).toBe(true)
      expect(may(policy, appA, action), action).toBe(true)
      expect(may(policy, admin, action, true), action).toBe(false)
      expect(may(policy, root, action), action).toBe(false)
    }
  })
})

describe.each(['allow-listed', 'deny-everyone-else'] as const)(
  'The least privilege key policy in the style %s',
  (style) => {
    const policy = leastPrivilegePolicy({ ...wanted, style })

    it('gives each principal the capabilities it is listed under, and no other', () => {
      for (const [capability, actions] of Object.entries(CAPABILITIES)) {
        const listed: readonly string[] = wanted.grants[capability as keyof typeof CAPABILITIES]
        for (const action of actions) {
          expect(may(policy, ci, action), `ci ${action}`).toBe(listed.includes(ci.arn))
          expect(may(policy, appA, action), `appA ${action}`).toBe(listed.includes(appA.roleArn))
          expect(may(policy, person1, action), `person1 ${action}`).toBe(true)
        }
      }
    })

    it('gives nothing to an IAM administrator with kms:*', () => {
      for (const action of KEY_ACTIONS) expect(may(policy, admin, action, true), action).toBe(false)
    })

    it('takes patterns of ARNs, and actions of one’s own choice', () => {
      const custom = {
        actions: ['kms:Decrypt'],
        principals: [`arn:aws:iam::${ACCOUNT}:role/apps/*`],
      }
      const own = leastPrivilegePolicy({ account: ACCOUNT, grants: {}, custom, style })
      expect(may(own, appA, 'kms:Decrypt')).toBe(true)
      expect(may(own, appA, 'kms:Encrypt')).toBe(false)
      expect(may(own, ci, 'kms:Decrypt')).toBe(false)
    })

    it('has no statement for what nobody may do', () => {
      const none = { actions: [], principals: [] }
      const only = { 'read-data': [ci.arn] }
      const { Statement } = leastPrivilegePolicy({
        account: ACCOUNT,
        grants: only,
        custom: none,
        style,
      })
      const allows = Statement.filter((statement) =>
        JSON.stringify(statement).includes('Restricted'),
      )
      expect(allows).toHaveLength(1)
    })

    it('has no trap that lint calls wrong', () => {
      const findings = lintKeyPolicy(JSON.stringify(policy), ACCOUNT)
      expect(findings.filter(({ severity }) => severity === 'wrong')).toEqual([])
    })
  },
)

describe('The style deny-everyone-else', () => {
  it('lets the root user in, so that the account never loses the key', () => {
    const policy = leastPrivilegePolicy({ ...wanted, style: 'deny-everyone-else' })
    expect(may(policy, root, 'kms:PutKeyPolicy')).toBe(true)
    const listed = leastPrivilegePolicy({ ...wanted, style: 'allow-listed' })
    expect(may(listed, root, 'kms:PutKeyPolicy')).toBe(false)
  })
})
