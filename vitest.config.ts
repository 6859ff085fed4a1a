// One vitest run for the whole repository; suites that need real parts find or start them in globalSetup.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'server/**/*.test.ts',
      'cli/**/*.test.ts',
      'conformance/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    globalSetup: ['./server/storage/testing/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Files share a process: loading and compiling the server anew for each took longer than most of their
    // tests. Whoever changes what is the process's own (its environment, its umask) puts it back.
    isolate: false,
    restoreMocks: true,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
