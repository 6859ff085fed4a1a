// How often an address may be refused.
import { expect, it } from 'vitest'
import { ThrottlingException } from '../../../contract/errors.ts'
import { refusalLimit } from './refusal-limit.ts'

function refusedOften(address: string, times = 50) {
  const limit = refusalLimit()
  for (let count = 0; count < times; count++) {
    limit.requireRoom(address, 0)
    limit.refused(address, 0)
  }
  return limit
}

it('An address is refused fifty times, and then five times a second', () => {
  const limit = refusedOften('192.0.2.1')
  expect(() => limit.requireRoom('192.0.2.1', 0)).toThrow(ThrottlingException)
  expect(() => limit.requireRoom('192.0.2.1', 0)).toThrow('Rate exceeded')
  limit.requireRoom('192.0.2.2', 0)
  for (let count = 0; count < 5; count++) {
    limit.requireRoom('192.0.2.1', 1000)
    limit.refused('192.0.2.1', 1000)
  }
  expect(() => limit.requireRoom('192.0.2.1', 1000)).toThrow(ThrottlingException)
  limit.requireRoom('192.0.2.1', 60_000)
})

it('Addresses of IPv6 count by the network of 64 bits that they are in', () => {
  const limit = refusedOften('2001:db8::1')
  for (const same of ['2001:db8::2', '2001:db8:0:0:1:2:3:4', '2001:db8::ffff:1']) {
    expect(() => limit.requireRoom(same, 0)).toThrow(ThrottlingException)
  }
  for (const other of ['2001:db8:0:1::1', '2001:db9::1', '::1']) limit.requireRoom(other, 0)
})
