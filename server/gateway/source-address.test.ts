import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { sourceAddressBehind } from './source-address.ts'

/** What is told of a request from this peer with this X-Forwarded-For. */
function told(trusted: string, peer: string, forwarded?: string): string {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  const request = { socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage
  return sourceAddressBehind(trusted === '' ? [] : trusted.split(','))(request)
}

const PROXIES = '10.0.0.0/8,192.0.2.7,fd00::/8'

describe('The source address', () => {
  it('is that of the peer where no proxy is trusted, whatever the header says', () => {
    expect(told('', '203.0.113.9')).toBe('203.0.113.9')
    expect(told('', '203.0.113.9', '198.51.100.1')).toBe('203.0.113.9')
  })

  it('is that of a peer that is no trusted proxy, whatever the header says', () => {
    for (const peer of ['203.0.113.9', '192.0.2.8', '11.0.0.1', 'fc00::1', '::1', '']) {
      expect(told(PROXIES, peer, '198.51.100.1')).toBe(peer)
    }
  })

  it('is what the trusted proxy appended', () => {
    expect(told(PROXIES, '10.1.2.3', '198.51.100.1')).toBe('198.51.100.1')
    expect(told(PROXIES, '192.0.2.7', '2001:db8::5')).toBe('2001:db8::5')
    expect(told(PROXIES, 'fd00::3', '198.51.100.1')).toBe('198.51.100.1')
  })

  it('is not what the caller wrote before the proxy appended to it', () => {
    expect(told(PROXIES, '10.1.2.3', '127.0.0.1, 198.51.100.1')).toBe('198.51.100.1')
    expect(told(PROXIES, '10.1.2.3', '10.9.9.9,10.8.8.8,198.51.100.1')).toBe('198.51.100.1')
  })

  it('looks through as many trusted proxies as stand in a row', () => {
    expect(told(PROXIES, '10.1.2.3', '6.6.6.6, 198.51.100.1, 10.0.0.1, fd00::1')).toBe(
      '198.51.100.1',
    )
  })

  it('is that of the farthest proxy where all of them are trusted', () => {
    expect(told(PROXIES, '10.1.2.3', '10.0.0.1, 10.0.0.2')).toBe('10.0.0.1')
  })

  it.each([
    '',
    ' ',
    'unknown',
    '198.51.100.1:443',
    '[2001:db8::5]',
    '[2001:db8::5]:443',
    'fe80::1%eth0',
    '198.51.100',
    '198.51.100.256',
    '0198.51.100.1',
    '0x0a.0.0.1',
    '"198.51.100.1"',
    'for=198.51.100.1',
    '198.51.100.1 10.0.0.1',
    '198.51.100.1\u0000',
    ',',
  ])('is that of the last proxy that can be believed where "%s" stands in front', (entry) => {
    expect(told(PROXIES, '10.1.2.3', entry)).toBe('10.1.2.3')
    expect(told(PROXIES, '10.1.2.3', `6.6.6.6, ${entry}, 10.0.0.1`)).toBe('10.0.0.1')
  })

  it('is that of the peer where the header is longer than any chain of proxies', () => {
    const long = `${'6.6.6.6, '.repeat(200)}198.51.100.1`
    expect(told(PROXIES, '10.1.2.3', long)).toBe('10.1.2.3')
    const deep = Array.from({ length: 40 }, (_, at) => `10.0.0.${at}`).join(',')
    expect(told(PROXIES, '10.1.2.3', deep)).toBe('10.0.0.24')
  })

  it('of IPv4 is told as such on a socket for both families', () => {
    expect(told('', '::ffff:203.0.113.9')).toBe('203.0.113.9')
    expect(told(PROXIES, '::ffff:10.1.2.3', '198.51.100.1')).toBe('198.51.100.1')
    expect(told(PROXIES, '::ffff:11.1.2.3', '198.51.100.1')).toBe('11.1.2.3')
    expect(told(PROXIES, '10.1.2.3', '::ffff:198.51.100.1')).toBe('198.51.100.1')
    expect(told(PROXIES, '10.1.2.3', '6.6.6.6, ::ffff:10.0.0.1')).toBe('6.6.6.6')
  })
})

describe('A trusted network', () => {
  it.each([
    '',
    'x',
    '10.0.0.0/33',
    '10.0.0/8',
    'fd00::/129',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    'all',
    'fd00::%1',
  ])('is an address, or an address with its bits; not "%s"', (network) => {
    expect(() => sourceAddressBehind([network])).toThrow('is no network')
  })

  it.each(['0.0.0.0/0', '::/0', '10.0.0.0/0'])('is not everybody (%s)', (network) => {
    expect(() => sourceAddressBehind([network])).toThrow('is everybody')
  })
})
