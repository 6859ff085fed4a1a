import { describe, expect, it } from 'vitest'
import { readListening } from './listen-config.ts'
import { OperatorError } from './operator-error.ts'

const read = (flags: object) => readListening({ listen: '127.0.0.1:8480', ...flags })

describe('What the server listens on', () => {
  it('is loopback without TLS, or said to be meant', () => {
    expect(read({})).toEqual({
      host: '127.0.0.1',
      port: 8480,
      tls: undefined,
      metricsAddress: undefined,
      trustedProxies: [],
      maxConnections: 4096,
    })
    for (const listen of ['0.0.0.0:8480', '[::]:8480', '10.0.0.5:8480', 'kms.example.org:443']) {
      expect(() => read({ listen })).toThrow('--tls-cert')
      expect(read({ listen, insecureHttp: true }).port).toBeGreaterThan(0)
    }
  })

  it.each([
    [{ tlsCert: 'a' }, 'belong together'],
    [{ tlsKey: 'a' }, 'belong together'],
    [{ clientCa: 'a' }, '--client-ca needs TLS'],
    [{ tlsCert: '/nowhere/cert', tlsKey: '/nowhere/key' }, '/nowhere/cert'],
    [{ metricsListen: '9100' }, '--metrics-listen takes HOST:PORT'],
    [{ metricsListen: '127.0.0.1:99999' }, '--metrics-listen takes HOST:PORT'],
    [{ listen: 'x' }, '--listen takes HOST:PORT'],
    [{ trustedProxy: '10.0.0.0/8,proxy.internal' }, "'proxy.internal' is no network"],
    [{ trustedProxy: '' }, 'is no network'],
    [{ trustedProxy: '0.0.0.0/0' }, 'is everybody'],
    [{ maxConnections: 0 }, '--max-connections'],
  ])('is refused where it makes no sense (%j)', (flags, sentence) => {
    expect(() => read(flags)).toThrow(OperatorError)
    expect(() => read(flags)).toThrow(sentence)
  })

  it('may name proxies, and another address for metrics', () => {
    const { metricsAddress, trustedProxies } = read({
      metricsListen: '[::1]:9100',
      trustedProxy: '10.0.0.0/8, fd00::1',
    })
    expect(metricsAddress).toEqual({ host: '::1', port: 9100 })
    expect(trustedProxies).toEqual(['10.0.0.0/8', 'fd00::1'])
  })
})
