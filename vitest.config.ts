// One vitest run for the whole repository; suites that need real parts find or start them in globalSetup.
import { globSync, readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

const files = globSync('{server,cli,launch,conformance,scripts}/**/*.test.ts')
/**
 * Whoever replaces a module needs a process in which nobody has loaded it yet; whoever measures memory, one
 * in which nobody else has left any.
 */
const apart = files.filter((file) => /vi\.mock\(|--expose-gc/.test(readFileSync(file, 'utf8')))

export default defineConfig({
  test: {
    globalSetup: [
      './server/testing/temporary-files.ts',
      './server/storage/testing/global-setup.ts',
    ],
    pool: 'forks',
    maxWorkers: 2,
    restoreMocks: true,
    // For machines a good deal slower than usual: a start of the server took 4 s on one.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    projects: [
      // Files share a process: loading and compiling the server anew for each took longer than most of their
      // tests. Whoever changes what is the process's own (its environment, its umask) puts it back.
      {
        extends: true,
        test: {
          name: 'together',
          include: files.filter((file) => !apart.includes(file)),
          isolate: false,
        },
      },
      { extends: true, test: { name: 'apart', include: apart } },
    ],
  },
})
