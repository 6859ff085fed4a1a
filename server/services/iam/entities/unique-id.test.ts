// Access key ids tell their account in the way in which AWS's do.
import { describe, expect, it } from 'vitest'
import { accountToldBy, newAccessKeyId, newSessionKeyId } from './unique-id.ts'

describe('An access key id', () => {
  it.each(['111122223333', '000000000001', '999999999999'])('tells its account %s', (account) => {
    const ids = Array.from({ length: 100 }, () => newAccessKeyId(account))
    expect(new Set(ids).size).toBe(100)
    for (const id of [...ids, newSessionKeyId(account)]) {
      expect(id).toMatch(/^A[KS]IA[Q-Z2-7][A-Z2-7]{15}$/)
      expect(accountToldBy(id)).toBe(account)
    }
  })

  it.each(['ASIAQNZGKIQY56JQ7WML', 'ASIAY34FZKBOKMUTVV7A'])(
    'of AWS is read as others read it: %s',
    (id) => {
      const bits = [...id.slice(4)]
        .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter))
        .map((value) => value.toString(2).padStart(5, '0'))
        .join('')
      // The usual recipe: the first six bytes, masked with 0x7fffffffff80, shifted by seven.
      const first = BigInt(`0b${bits.slice(0, 48)}`)
      expect(accountToldBy(id)).toBe(String((first & 0x7fffffffff80n) >> 7n).padStart(12, '0'))
    },
  )

  it.each(['', 'AKIA', 'AKIAIOSFODNN7EXAMPL1', 'AIDAQNZGKIQY56JQ7WML'])(
    'of another form tells nothing: %s',
    (id) => {
      expect(accountToldBy(id)).toBeUndefined()
    },
  )
})
