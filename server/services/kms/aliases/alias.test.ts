// What alias operations demand, and which keys an alias may move between.
import { describe, expect, it } from 'vitest'
import type { Call } from '../../../contract/call.ts'
import { Missing } from '../../../contract/operation.ts'
import { NotFoundException } from '../errors.ts'
import type { Key } from '../keys/key.ts'
import { defaultKeyPolicy, NO_POLICY_PRINCIPALS } from '../keys/key-policy.ts'
import { keyArn } from '../keys/key-reference.ts'
import type { KmsStores } from '../operation.ts'
import { CreateAlias } from '../operations/CreateAlias.ts'
import { DeleteAlias } from '../operations/DeleteAlias.ts'
import { UpdateAlias } from '../operations/UpdateAlias.ts'
import { type Alias, aliasArn, isAliasName, requireSameType } from './alias.ts'

const SCOPE = { account: '111122223333', region: 'us-east-1' }
const NAME = 'alias/app'
const call = SCOPE as Call<KmsStores>

function keyOf(id: string, account = SCOPE.account): Key {
  const arn = keyArn({ ...SCOPE, account }, id)
  const policy = defaultKeyPolicy(account)
  return { account, id, arn, policy, policyPrincipals: NO_POLICY_PRINCIPALS } as Key
}

const alias = { ...SCOPE, name: NAME, arn: aliasArn(SCOPE, NAME) } as Alias
const [old, next] = [keyOf('old'), keyOf('next')]
const demanded = (action: string, ...resources: string[]) =>
  resources.map((resource) => expect.objectContaining({ action, resource, owner: SCOPE.account }))

describe('Alias operations demand', () => {
  it('for CreateAlias the alias and the key', () => {
    const input = { AliasName: NAME, TargetKeyId: 'next' }
    const wanted = demanded('kms:CreateAlias', alias.arn, next.arn)
    expect(CreateAlias.demands({ alias, key: next }, input, call)).toEqual(wanted)
    const missing = new Missing(next.arn, SCOPE.account, NotFoundException.key(next.arn))
    expect(CreateAlias.demands(missing, input, call)).toEqual(wanted)
  })

  it('for UpdateAlias the alias, the old key and the new one', () => {
    const input = { AliasName: NAME, TargetKeyId: 'next' }
    expect(UpdateAlias.demands({ alias, from: old, to: next }, input, call)).toEqual(
      demanded('kms:UpdateAlias', alias.arn, old.arn, next.arn),
    )
    const noKey = new Missing(next.arn, SCOPE.account, NotFoundException.key(next.arn))
    expect(UpdateAlias.demands(noKey, input, call)).toEqual(
      demanded('kms:UpdateAlias', alias.arn, next.arn),
    )
    const noAlias = new Missing(alias.arn, SCOPE.account, NotFoundException.alias(alias.arn))
    expect(UpdateAlias.demands(noAlias, input, call)).toEqual(
      demanded('kms:UpdateAlias', alias.arn),
    )
  })

  it('for DeleteAlias the alias and the key', () => {
    const input = { AliasName: NAME }
    expect(DeleteAlias.demands({ alias, key: old }, input, call)).toEqual(
      demanded('kms:DeleteAlias', alias.arn, old.arn),
    )
    const noAlias = new Missing(alias.arn, SCOPE.account, NotFoundException.alias(alias.arn))
    expect(DeleteAlias.demands(noAlias, input, call)).toEqual(
      demanded('kms:DeleteAlias', alias.arn),
    )
  })
})

describe('An alias moves', () => {
  const symmetric = { spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT' }
  const signing = { spec: 'RSA_2048', usage: 'SIGN_VERIFY' }
  it.each([
    [symmetric, symmetric],
    [signing, { spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY' }],
    [
      { spec: 'HMAC_224', usage: 'GENERATE_VERIFY_MAC' },
      { spec: 'HMAC_512', usage: 'GENERATE_VERIFY_MAC' },
    ],
  ])('between keys of one family and usage: %j and %j', (from, to) => {
    expect(() => requireSameType(from, to)).not.toThrow()
  })

  it.each([
    [symmetric, { spec: 'RSA_2048', usage: 'ENCRYPT_DECRYPT' }],
    [signing, { spec: 'RSA_2048', usage: 'ENCRYPT_DECRYPT' }],
    [symmetric, { spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' }],
    [signing, { spec: 'HMAC_256', usage: 'SIGN_VERIFY' }],
  ])('not between keys of two families or usages: %j and %j', (from, to) => {
    const sentence = /The current and new KMS key must be the same type/
    expect(() => requireSameType(from, to)).toThrow(sentence)
    expect(() => requireSameType(to, from)).toThrow(sentence)
  })
})

it('An alias has the prefix, a name of 1 to 250 characters, and no colon', () => {
  for (const name of [NAME, `alias/${'n'.repeat(250)}`, 'alias//', 'alias/aws/s3']) {
    expect(isAliasName(name)).toBe(true)
  }
  for (const name of ['alias/', `alias/${'n'.repeat(251)}`, 'app', 'alias/a:b', 'alias/a\n', '']) {
    expect(isAliasName(name)).toBe(false)
  }
})
