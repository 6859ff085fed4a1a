// The AWS clients that people have, behind one shape: blobs are base64, an error is its code.
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import * as sdk from '@aws-sdk/client-kms'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import type { Credentials } from './server-program.ts'

export type Answer = {
  readonly output?: Record<string, never>
  readonly error?: string
  readonly message?: string | undefined
}

export type OfficialClient = {
  readonly name: string
  /** Why it cannot be used here, or nothing. */
  readonly missing: string | undefined
  /** Calls an operation by its AWS name with members by their AWS names. */
  call(who: Credentials, operation: string, parameters: Readonly<Parameters>): Promise<Answer>
  end(): void
}

type Parameters = Record<string, string | number | Readonly<Record<string, string>>>

const AWS = '/usr/bin/aws'
const PYTHON = '/usr/bin/python3'
const BLOBS = ['Plaintext', 'CiphertextBlob']
const CLI_ERROR = /An error occurred \((\w+)\) when calling the \w+ operation(?: \(.*?\))?: (.*)/
/** No configuration of this machine, and no search for an instance that is not there. */
const PLAIN = {
  PATH: '/usr/bin:/bin',
  HOME: '/nonexistent',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_MAX_ATTEMPTS: '1',
  // Clients that are older than an operation of KMS learn of it from here.
  AWS_DATA_PATH: fileURLToPath(new URL('./botocore-models', import.meta.url)),
}

export const awsCli: OfficialClient = {
  name: 'AWS CLI',
  missing: existsSync(AWS) ? undefined : `${AWS} (apt-get install awscli)`,
  call(who, operation, parameters) {
    const options = Object.entries(parameters).flatMap(([name, value]) => [
      `--${kebab(name)}`,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ])
    const args = ['--endpoint-url', who.endpoint, '--output', 'json']
    const env = {
      ...PLAIN,
      AWS_ACCESS_KEY_ID: who.accessKeyId,
      AWS_SECRET_ACCESS_KEY: who.secretAccessKey,
      AWS_DEFAULT_REGION: who.region,
    }
    return new Promise((resolve, reject) => {
      const command = [...args, serviceOf(operation), kebab(operation), ...options]
      execFile(AWS, command, { env }, (failure, stdout, stderr) => {
        const [, error, message] = CLI_ERROR.exec(stderr) ?? []
        if (error !== undefined) resolve({ error, message })
        else if (failure !== null) reject(new Error(stderr))
        else resolve({ output: stdout.trim() === '' ? {} : JSON.parse(stdout) })
      })
    })
  },
  end() {},
}

let python: { child: ChildProcess; lines: Interface } | undefined

export const boto3: OfficialClient = {
  name: 'boto3',
  missing: hasBoto3() ? undefined : 'boto3 (apt-get install python3-boto3)',
  call(who, operation, parameters) {
    if (python === undefined) {
      const script = fileURLToPath(new URL('./boto3-client.py', import.meta.url))
      const child = spawn(PYTHON, [script], { env: PLAIN, stdio: ['pipe', 'pipe', 'inherit'] })
      python = { child, lines: createInterface({ input: child.stdout }) }
    }
    const { child, lines } = python
    const method = kebab(operation).replaceAll('-', '_')
    const request = { ...who, service: serviceOf(operation), method, parameters }
    return new Promise((resolve, reject) => {
      const fail = () => reject(new Error('python ended'))
      child.once('exit', fail)
      lines.once('line', (line) => {
        child.off('exit', fail)
        resolve(JSON.parse(line) as Answer)
      })
      child.stdin?.write(`${JSON.stringify(request)}\n`)
    })
  },
  end() {
    python?.child.kill()
    python = undefined
  },
}

export const javascriptSdk: OfficialClient = {
  name: '@aws-sdk/client-kms',
  missing: undefined,
  async call({ endpoint, region, accessKeyId, secretAccessKey }, operation, parameters) {
    const credentials = { accessKeyId, secretAccessKey }
    const config = { endpoint, region, credentials, maxAttempts: 1 }
    const input = mapBlobs(parameters, (text) => Buffer.from(text as string, 'base64'))
    const commands = { ...sdk, GetCallerIdentityCommand } as unknown as Record<
      string,
      new (
        input: object,
      ) => sdk.ListKeysCommand
    >
    const Command = commands[`${operation}Command`]
    if (Command === undefined) throw new Error(`the SDK has no ${operation}`)
    const client = serviceOf(operation) === 'kms' ? new sdk.KMSClient(config) : sts(config)
    try {
      const { $metadata, ...output } = await client.send(new Command(input))
      return {
        output: mapBlobs(output, (bytes) => Buffer.from(bytes as Buffer).toString('base64')),
      }
    } catch (error) {
      const { name, message } = error as Error
      return { error: name, message }
    } finally {
      client.destroy()
    }
  },
  end() {},
}

function sts(config: ConstructorParameters<typeof STSClient>[0]): sdk.KMSClient {
  return new STSClient(config ?? {}) as unknown as sdk.KMSClient
}

function mapBlobs(members: object, change: (blob: unknown) => unknown): Record<string, never> {
  const changed = Object.entries(members).map(([name, value]) =>
    BLOBS.includes(name) ? [name, change(value)] : [name, value],
  )
  return Object.fromEntries(changed) as Record<string, never>
}

function serviceOf(operation: string): 'kms' | 'sts' {
  return ['GetCallerIdentity', 'GeneratePresignedUrl'].includes(operation) ? 'sts' : 'kms'
}

function kebab(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()
}

function hasBoto3(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import boto3'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
