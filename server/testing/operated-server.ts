// A whole server as `keyhold serve` puts it together, in one process: two workers, each over a storage of
// its own, and the operator's side with its socket. Sealed servers stay sealed until a test unseals them.
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IAMClient } from '@aws-sdk/client-iam'
import { KMSClient } from '@aws-sdk/client-kms'
import { pino } from 'pino'
import { readInitConfig, readServeConfig } from '../config.ts'
import { beginUnsealing, type Credentials, initialise, openDatabase } from '../installation.ts'
import { openOperatorSide } from '../programs/operator-side.ts'
import type { RootKey } from '../seal/root-key.ts'
import { openOutbox } from '../services/cloudtrail/outbox-store.ts'
import { findVerifyingKeys, verifyTrailOf } from '../services/cloudtrail/service.ts'
import { services } from '../services.ts'
import type { Storage } from '../storage/storage.ts'
import { startWorker } from '../worker.ts'

export type OperatorAnswer = {
  readonly status: number
  readonly requestId: string
  readonly body: Record<string, unknown>
}

/** What a client signs with. */
type Signing = Pick<Credentials, 'accessKeyId' | 'secretAccessKey'> & {
  readonly sessionToken?: string | undefined
}

export type OperatedServer = {
  readonly directory: string
  readonly credentials: Credentials
  /** The shares that were told when it was made, where it is sealed by some. */
  readonly shares: readonly string[]
  readonly endpoints: readonly string[]
  readonly storage: Storage
  readonly logged: readonly string[]
  /** Kept once the workers serve. */
  readonly serving: Promise<RootKey>
  /** Calls an operation of the operator with this input, or these very bytes. */
  operator(operation: string, input?: object | string): Promise<OperatorAnswer>
  /** A client of one worker, with the first account's credentials or others. */
  kms(worker: 0 | 1, credentials?: Signing): KMSClient
  /** A client of IAM on one worker, with the first account's credentials. */
  iam(worker: 0 | 1): IAMClient
  /** Every record of the trail, once all have joined their chains; throws where it does not verify. */
  records(): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}

const REGION = 'us-east-1'

export async function operatedServer(
  options: { readonly database?: string; readonly seal?: 'file' | 'shares' } = {},
): Promise<OperatedServer> {
  const directory = mkdtempSync(join(tmpdir(), 'keyhold-operated-'))
  const where = { data: directory, ...(options.database && { database: options.database }) }
  const common = { ...where, regions: REGION, listen: '127.0.0.1:0' }
  const { credentials, shares } = await initialise(
    readInitConfig({ ...common, accountId: '111122223333', seal: options.seal ?? 'file' }),
  )
  const config = readServeConfig({ ...common, workers: 2, logLevel: 'debug' })
  const logged: string[] = []
  const log = pino({ level: 'debug' }, { write: (line: string) => logged.push(line) })
  const unsealing = beginUnsealing(config.place)
  const workers = await Promise.all(
    [0, 1].map(async () =>
      startWorker({
        ...config,
        services,
        storage: await openDatabase(config.place),
        directory,
        log,
        cluster: undefined,
        runJobs: 'when told',
      }),
    ),
  )
  const storage = await openDatabase(config.place)
  const holders = {
    async stageRootKey(next: RootKey) {
      await Promise.all(workers.map((worker) => worker.stageRootKey(next)))
    },
    settleRootKey() {},
  }
  const closeOperatorSide = await openOperatorSide({ config, storage, unsealing, log, holders })
  const serving = unsealing.rootKey.then(async (rootKey) => {
    await Promise.all(workers.map((worker) => worker.unseal(rootKey)))
    return rootKey
  })
  // The trail keeps its key for ever, while the root key over it may become another one.
  const trailKeys = serving.then(async (rootKey) => {
    const keys = await findVerifyingKeys({ storage, rootKey })
    if (keys === undefined) throw new Error('the trail has no key')
    return keys
  })
  const endpoints = workers.map(({ port }) => `http://127.0.0.1:${port}`)
  return {
    directory,
    credentials,
    shares,
    endpoints,
    storage,
    logged,
    serving,
    operator: (operation, input = {}) =>
      callOperator(directory, `KeyholdOperator.${operation}`, input),
    kms: (worker, { accessKeyId, secretAccessKey, sessionToken } = credentials as Signing) =>
      new KMSClient({
        endpoint: endpoints[worker] as string,
        region: REGION,
        credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) },
        maxAttempts: 1,
      }),
    iam: (worker) =>
      new IAMClient({
        endpoint: endpoints[worker] as string,
        region: REGION,
        credentials: {
          accessKeyId: credentials.accessKeyId,
          secretAccessKey: credentials.secretAccessKey,
        },
        maxAttempts: 1,
      }),
    async records() {
      await untilEmpty(storage)
      const records: Record<string, unknown>[] = []
      const { valid, problems } = await verifyTrailOf(storage, await trailKeys, directory, {
        checkpoint: [],
        onRecord: (record) => records.push(JSON.parse(record)),
      })
      if (!valid) throw new Error(problems.join('\n'))
      return records
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.drain()))
      await closeOperatorSide()
      rmSync(directory, { recursive: true, force: true })
      const undeclared = logged.filter((line) => line.includes('undeclared error'))
      if (undeclared.length > 0) throw new Error(undeclared.join('\n'))
    },
  }
}

/** One request on the operator socket of this directory. */
export function callOperator(
  directory: string,
  target: string,
  input: object | string | Buffer,
  method = 'POST',
): Promise<OperatorAnswer> {
  const headers = { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' }
  const socketPath = join(directory, 'operator.sock')
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, method, headers }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({
          status: incoming.statusCode as number,
          requestId: String(incoming.headers['x-amzn-requestid']),
          body: text === '' ? {} : JSON.parse(text),
        })
      })
    })
    outgoing.on('error', reject)
    const isRaw = typeof input === 'string' || Buffer.isBuffer(input)
    outgoing.end(isRaw ? input : JSON.stringify(input))
  })
}

async function untilEmpty(storage: Storage): Promise<void> {
  for (let tries = 0; tries < 250; tries++) {
    if ((await openOutbox(storage).list()).length === 0) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('records stay in the outbox')
}
