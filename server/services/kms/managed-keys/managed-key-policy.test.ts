// The policies of keys that AWS manages: of each kind what it lets in.
import { expect, it } from 'vitest'
import { MANAGED_KEY_KINDS } from './managed-key-kinds.ts'
import { managedKeyPolicy } from './managed-key-policy.ts'

const ACCOUNT = '111122223333'

it('Of each kind the policy is a key policy: everyone through the service, and who reads', () => {
  for (const kind of MANAGED_KEY_KINDS) {
    const { Statement: statements } = JSON.parse(
      managedKeyPolicy(kind, { account: ACCOUNT, region: 'eu-west-1' }),
    ) as { Statement: { Action: string[]; Condition?: object }[] }
    const open = statements.filter(({ Condition }) => Condition !== undefined)
    expect(open.length).toBe(kind.uses.length)
    for (const { Condition } of open) {
      expect(JSON.stringify(Condition)).toContain(`"kms:CallerAccount":"${ACCOUNT}"`)
      expect(JSON.stringify(Condition)).toContain(`"${kind.service}.`)
    }
    const direct = statements.filter(({ Condition }) => Condition === undefined)
    for (const action of direct.flatMap(({ Action }) => Action)) {
      expect(action).toMatch(/^kms:(Describe\*|Get\*|List\*|RevokeGrant)$/)
    }
  }
})
