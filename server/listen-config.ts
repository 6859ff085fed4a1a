// Flags on what the server listens on, and whom it listens to.
import { type Command, InvalidArgumentError, Option } from 'commander'
import { sourceAddressBehind } from './gateway/source-address.ts'
import { loadTls, type TlsFiles } from './gateway/tls-files.ts'
import { OperatorError } from './operator-error.ts'

export type Address = { readonly host: string; readonly port: number }

export type Listening = Address & {
  readonly tls: TlsFiles | undefined
  /** Where /health and /metrics are; on the main address where there is none of their own. */
  readonly metricsAddress: Address | undefined
  /** Networks whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[]
  /** Open connections of one worker; further ones are closed at once. */
  readonly maxConnections: number
}

export type TlsOptions = { tlsCert?: string; tlsKey?: string; clientCa?: string }

export type ListeningOptions = TlsOptions & {
  listen: string
  insecureHttp?: boolean
  metricsListen?: string
  trustedProxy?: string
  maxConnections?: number
}

const DEFAULT_MAX_CONNECTIONS = 4096

export const listenOption = () =>
  new Option('--listen <host:port>', 'address to listen on')
    .env('KEYHOLD_LISTEN')
    .default('127.0.0.1:8480')

export function addTlsOptions(command: Command): Command {
  return command
    .addOption(new Option('--tls-cert <file>', 'certificate chain, PEM').env('KEYHOLD_TLS_CERT'))
    .addOption(new Option('--tls-key <file>', 'private key, PEM').env('KEYHOLD_TLS_KEY'))
    .addOption(
      new Option(
        '--client-ca <file>',
        'authority, PEM: clients must present a certificate of it, and sign',
      ).env('KEYHOLD_CLIENT_CA'),
    )
}

export function addListeningOptions(command: Command): Command {
  return addTlsOptions(command.addOption(listenOption()))
    .addOption(
      new Option('--insecure-http', 'listen without TLS on an address that others reach').env(
        'KEYHOLD_INSECURE_HTTP',
      ),
    )
    .addOption(
      new Option(
        '--metrics-listen <host:port>',
        'address of /health and /metrics, plain HTTP; default: those of --listen',
      ).env('KEYHOLD_METRICS_LISTEN'),
    )
    .addOption(
      new Option(
        '--trusted-proxy <list>',
        'networks whose X-Forwarded-For is believed, separated by commas',
      ).env('KEYHOLD_TRUSTED_PROXY'),
    )
    .addOption(
      new Option('--max-connections <count>', 'open connections of one worker')
        .env('KEYHOLD_MAX_CONNECTIONS')
        .argParser(wholeNumber)
        .default(DEFAULT_MAX_CONNECTIONS),
    )
}

export function readListening(options: ListeningOptions): Listening {
  const { host, port } = readAddress('--listen', options.listen)
  const tls = readTlsFiles(options)
  // Read once here, so that a server with broken ones does not start.
  if (tls !== undefined) requireWholeTls(tls)
  if (!isLoopback(host) && tls === undefined && options.insecureHttp !== true) {
    throw new OperatorError(
      `${host} can be reached by others: give --tls-cert and --tls-key, or --insecure-http where something in front ends TLS.`,
    )
  }
  const maxConnections = options.maxConnections ?? DEFAULT_MAX_CONNECTIONS
  if (maxConnections < 1) throw new OperatorError('--max-connections is at least 1.')
  const metricsAddress =
    options.metricsListen === undefined
      ? undefined
      : readAddress('--metrics-listen', options.metricsListen)
  const trustedProxies = readNetworks(options.trustedProxy)
  return { host, port, tls, metricsAddress, trustedProxies, maxConnections }
}

/** Whether only this machine reaches the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.[0-9]{1,3}){3}$/.test(host)
}

export function endpointOf(host: string, port: number, tls: boolean): string {
  return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`
}

export function readAddress(flag: string, text: string): Address {
  const [, bracketed, plain, port] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^:]+)):([0-9]{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) > 65_535) {
    throw new OperatorError(`${flag} takes HOST:PORT, such as 127.0.0.1:8480; not '${text}'.`)
  }
  return { host, port: Number(port) }
}

/** The files that were named, whatever is in them. */
export function readTlsFiles({ tlsCert, tlsKey, clientCa }: TlsOptions): TlsFiles | undefined {
  if (tlsCert === undefined && tlsKey === undefined) {
    if (clientCa === undefined) return undefined
    throw new OperatorError('--client-ca needs TLS: give --tls-cert and --tls-key, too.')
  }
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new OperatorError('--tls-cert and --tls-key belong together.')
  }
  return { certFile: tlsCert, keyFile: tlsKey, clientCaFile: clientCa }
}

function requireWholeTls(files: TlsFiles): void {
  try {
    loadTls(files)
  } catch (error) {
    throw new OperatorError(`The TLS files cannot be used: ${(error as Error).message}`)
  }
}

function readNetworks(text: string | undefined): readonly string[] {
  const networks = text === undefined ? [] : text.split(',').map((network) => network.trim())
  try {
    sourceAddressBehind(networks)
  } catch (error) {
    throw new OperatorError(`--trusted-proxy: ${(error as Error).message}`)
  }
  return networks
}

export function wholeNumber(text: string): number {
  if (!/^[0-9]{1,6}$/.test(text)) throw new InvalidArgumentError('It is a whole number.')
  return Number(text)
}
