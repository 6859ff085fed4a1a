import { expect, test } from 'vitest'
import { holds } from '../testing/holds.ts'
import { readAddress, readBlock } from './ip-address.ts'

test('An address is inside its network and not outside', () => {
  expect(holds('IpAddress', '203.0.113.0/24', '203.0.113.255')).toBe(true)
  expect(holds('IpAddress', '203.0.113.0/24', '203.0.114.0')).toBe(false)
  expect(holds('IpAddress', '0.0.0.0/0', '8.8.8.8')).toBe(true)
  expect(holds('IpAddress', '128.0.0.0/1', '127.255.255.255')).toBe(false)
  expect(holds('IpAddress', '10.0.0.0/17', '10.0.127.255')).toBe(true)
  expect(holds('IpAddress', '10.0.0.0/17', '10.0.128.0')).toBe(false)
  expect(holds('NotIpAddress', '203.0.113.0/24', '203.0.113.1')).toBe(false)
  expect(holds('NotIpAddress', '203.0.113.0/24', '198.51.100.1')).toBe(true)
})

test('An address without a prefix is one address', () => {
  expect(holds('IpAddress', '203.0.113.9', '203.0.113.9')).toBe(true)
  expect(holds('IpAddress', '203.0.113.9', '203.0.113.8')).toBe(false)
  expect(holds('IpAddress', '2001:db8::5', '2001:DB8:0::5')).toBe(true)
  expect(holds('IpAddress', '2001:db8::5', '2001:db8::6')).toBe(false)
})

test('Host bits are ignored in an IPv4 network and match nothing in an IPv6 network', () => {
  expect(holds('IpAddress', '203.0.113.77/24', '203.0.113.1')).toBe(true)
  expect(holds('IpAddress', '2001:db8::5/64', '2001:db8::5')).toBe(false)
  expect(holds('IpAddress', '2001:db8::/64', '2001:db8::5')).toBe(true)
  expect(holds('IpAddress', '2001:db8:0:0:8000::/65', '2001:db8::8000:0:0:1')).toBe(true)
  expect(holds('IpAddress', '2001:db8::/65', '2001:db8::8000:0:0:1')).toBe(false)
})

test("A request's IPv4-mapped address is IPv4, and a policy's is not", () => {
  expect(holds('IpAddress', '203.0.113.0/24', '::ffff:203.0.113.9')).toBe(true)
  expect(holds('IpAddress', '203.0.113.0/24', '::ffff:cb00:7109')).toBe(true)
  expect(holds('IpAddress', '::ffff:0:0/96', '203.0.113.9')).toBe(false)
  expect(holds('IpAddress', '::/0', '203.0.113.9')).toBe(false)
})

test('A malformed request address satisfies neither operator, in Allow nor in Deny', () => {
  for (const address of [
    '',
    '203.0.113',
    '203.0.113.256',
    '203.0.113.01',
    '::1%eth0',
    '1.2.3.4:80',
  ]) {
    for (const effect of ['Allow', 'Deny'] as const) {
      expect(holds('IpAddress', '0.0.0.0/0', address, effect), address).toBe(false)
      expect(holds('NotIpAddress', '10.0.0.0/8', address, effect), address).toBe(false)
    }
  }
})

test('A malformed block is no network, and its negation opens no Allow but holds in a Deny', () => {
  expect(holds('IpAddress', '10.0.0.0/33', '10.0.0.1')).toBe(false)
  expect(holds('IpAddress', '10.0.0.0/33', '10.0.0.1', 'Deny')).toBe(false)
  expect(holds('NotIpAddress', '10.0.0.0/33', '10.0.0.1')).toBe(false)
  expect(holds('NotIpAddress', '10.0.0.0/33', '10.0.0.1', 'Deny')).toBe(true)
  expect(holds('NotIpAddress', ['10.0.0.0/33', '10.0.0.0/8'], '10.0.0.1', 'Deny')).toBe(false)
})

test('Addresses are read in every written form', () => {
  expect(readAddress('::')).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  expect(readAddress('1::')).toEqual([1, 0, 0, 0, 0, 0, 0, 0])
  expect(readAddress('1:2:3:4:5:6:7:8')).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(readAddress('1:2:3:4:5:6:1.2.3.4')).toEqual([1, 2, 3, 4, 5, 6, 258, 772])
  expect(readAddress('1.2.3.4')).toEqual([258, 772])
})

test('What is no address is not read', () => {
  const texts = [
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '12345::',
    'g::',
    '1.2.3.4::',
    '1.2.3.4.5',
    '1.2.3',
    ' 1.2.3.4',
    '0x1.2.3.4',
    `${'0'.repeat(80)}::`,
  ]
  for (const text of texts) expect(readAddress(text), text).toBeUndefined()
  for (const text of ['1.2.3.4/', '1.2.3.4/a', '1.2.3.4/08', '::/129', '1.2.3.4/8/8']) {
    expect(readBlock(text), text).toBeUndefined()
  }
})
