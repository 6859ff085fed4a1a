// What an operator sees when the server is ready: people get a first command, machines a log line.
import { readFileSync } from 'node:fs'
import type { Logger } from 'pino'
import { endpointOf, type ServeConfig } from '../config.ts'

export function greet(config: ServeConfig, port: number, isNew: boolean, log: Logger): void {
  const endpoint = endpointOf(config.host, port, config.tls !== undefined)
  log.info({ endpoint, regions: config.regions, workers: config.workers }, 'ready')
  if (!isNew) return
  const { directory, credentialsFile } = config.place
  const { accountId, accessKeyId, secretAccessKey } = JSON.parse(
    readFileSync(credentialsFile, 'utf8'),
  ) as Record<string, string>
  // A secret goes to the person who is looking, never into a log that captures the output.
  const secret = process.stdout.isTTY ? secretAccessKey : `(in ${credentialsFile})`
  process.stdout.write(`
Keyhold is ready at ${endpoint}. A new installation was made in ${directory}

  account            ${accountId}
  access key id      ${accessKeyId}
  secret access key  ${secret}

Try it in another terminal:

  eval "$(npx keyhold env --data ${directory})"
  aws --endpoint-url ${endpoint} kms create-key

`)
}

/** Says what a sealed server waits for. */
export function greetSealed(config: ServeConfig, port: number, log: Logger): void {
  const endpoint = endpointOf(config.host, port, config.tls !== undefined)
  log.warn({ endpoint }, `sealed: unseal with keyhold unseal --data ${config.place.directory}`)
}
