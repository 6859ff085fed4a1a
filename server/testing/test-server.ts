// A whole server in this process, on a free loopback port, over a fresh directory: for tests.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IAMClient } from '@aws-sdk/client-iam'
import { KMSClient } from '@aws-sdk/client-kms'
import { STSClient } from '@aws-sdk/client-sts'
import { type Logger, pino } from 'pino'
import { readInitConfig, readPlace } from '../config.ts'
import type { Service } from '../contract/service.ts'
import { readOidcAuthorities } from '../gateway/oidc-authorities.ts'
import { type Credentials, initialise, openInstallation } from '../installation.ts'
import { type ListeningOptions, readListening } from '../listen-config.ts'
import { readNitroRoots } from '../nitro-roots.ts'
import { services } from '../services.ts'
import type { Storage } from '../storage/storage.ts'
import { startWorker } from '../worker.ts'

export type TestServer = {
  readonly endpoint: string
  readonly directory: string
  readonly credentials: Credentials
  readonly regions: readonly string[]
  readonly storage: Storage
  /** Everything logged so far, one line each; a test asserts that nothing secret is in there. */
  readonly logged: readonly string[]
  kms(overrides?: ConstructorParameters<typeof KMSClient>[0]): KMSClient
  iam(overrides?: ConstructorParameters<typeof IAMClient>[0]): IAMClient
  sts(overrides?: ConstructorParameters<typeof STSClient>[0]): STSClient
  /** Does what is due now: jobs do not run by themselves here. */
  sweepJobs(): Promise<boolean>
  /** Drains, and removes the directory. Throws where a call threw an error that it does not declare. */
  close(): Promise<void>
}

export type TestServerOptions = {
  /** A database of its own for this server; SQLite in the directory where there is none. */
  readonly database?: string
  readonly regions?: readonly string[]
  /** Instead of the product's; those of the test's own have no tables. */
  readonly services?: readonly Service[]
  /** As `--oidc-ca`. */
  readonly oidcCa?: string
  /** As `--nitro-root`. */
  readonly nitroRoot?: string
  /** Flags on what it listens on. */
  readonly listening?: Partial<ListeningOptions>
}

export async function testServer(options: TestServerOptions = {}): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), 'keyhold-test-'))
  const regions = options.regions ?? ['us-east-1', 'eu-west-1']
  const place = { data: directory, ...(options.database && { database: options.database }) }
  const { credentials } = await initialise(
    readInitConfig({
      ...place,
      accountId: '111122223333',
      listen: '127.0.0.1:8480',
      regions: regions.join(),
    }),
  )
  const logged: string[] = []
  const listening = readListening({ listen: '127.0.0.1:0', ...options.listening })
  const { storage, rootKey } = await openInstallation(readPlace(place))
  const worker = await startWorker({
    services: options.services ?? services,
    storage,
    directory,
    regions,
    ...listening,
    oidcAuthorities: readOidcAuthorities(options.oidcCa),
    nitroRoots: readNitroRoots(options.nitroRoot),
    log: capturedLog(logged),
    cluster: undefined,
    runJobs: 'when told',
  })
  await worker.unseal(rootKey)
  const endpoint = `${listening.tls === undefined ? 'http' : 'https'}://127.0.0.1:${worker.port}`
  const client = {
    endpoint,
    region: regions[0] as string,
    credentials: {
      accessKeyId: credentials.accessKeyId,
      secretAccessKey: credentials.secretAccessKey,
    },
    maxAttempts: 1,
  }
  return {
    endpoint,
    directory,
    credentials,
    regions,
    storage,
    logged,
    kms: (overrides) => new KMSClient({ ...client, ...overrides }),
    iam: (overrides) => new IAMClient({ ...client, ...overrides }),
    sts: (overrides) => new STSClient({ ...client, ...overrides }),
    sweepJobs: worker.sweepJobs,
    async close() {
      await worker.drain()
      rmSync(directory, { recursive: true, force: true })
      const undeclared = logged.filter((line) => line.includes('undeclared error'))
      if (undeclared.length > 0) throw new Error(undeclared.join('\n'))
    },
  }
}

function capturedLog(lines: string[]): Logger {
  return pino({ level: 'debug' }, { write: (line: string) => lines.push(line) })
}
