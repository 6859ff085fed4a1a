import { expect, it } from 'vitest'
import { serverEnvironment } from './server-environment.ts'

it('A server’s program gets what it needs of the environment, and nothing that changes how Node.js runs', () => {
  const kept = {
    PATH: '/usr/bin',
    KEYHOLD_DATABASE: 'postgres://u@h/d',
    KEYHOLD_LD_X: '1',
    NODE_EXTRA_CA_CERTS: '/etc/ca.pem',
    OPENSSL_CONF: '/etc/ssl/fips.cnf',
  }
  const taken = {
    NODE_OPTIONS: '--require ./evil.js',
    NODE_PATH: '/tmp',
    NODE_DEBUG: 'http',
    NODE_DEBUG_NATIVE: 'tls',
    NODE_V8_COVERAGE: '/tmp',
    NODE_COMPILE_CACHE: '/tmp',
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
    UV_THREADPOOL_SIZE: '1',
    LD_PRELOAD: '/tmp/evil.so',
    LD_AUDIT: '/tmp/evil.so',
    LD_LIBRARY_PATH: '/tmp',
    DYLD_INSERT_LIBRARIES: '/tmp/evil.dylib',
  }
  expect(serverEnvironment({ ...kept, ...taken })).toEqual(kept)
})
