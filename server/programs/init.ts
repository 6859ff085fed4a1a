// keyhold init: makes an installation and says where its credentials are.
import type { InitConfig } from '../config.ts'
import { initialise } from '../installation.ts'

export async function init(config: InitConfig, asJson: boolean): Promise<void> {
  const { credentials, shares } = await initialise(config)
  const { accountId, accessKeyId, region, endpoint } = credentials
  const { directory, credentialsFile } = config.place
  const secret = config.withoutCredentialsFile ? credentials.secretAccessKey : undefined
  if (asJson) {
    const told = secret === undefined ? { credentialsFile } : { secretAccessKey: secret }
    const made = { directory, accountId, accessKeyId, ...told, region, endpoint }
    const sealed = { seal: config.seal.kind, ...(shares.length > 0 && { shares }) }
    process.stdout.write(`${JSON.stringify({ ...made, ...sealed })}\n`)
    return
  }
  process.stdout.write(`Made an installation in ${directory}

  account      ${accountId}
  access key   ${accessKeyId}
  secret       ${secret ?? `in ${credentialsFile} and nowhere else`}
  root key     ${rootKeyText(config)}
${sharesText(config, shares)}
Start it with:  keyhold serve --data ${directory}
`)
}

function rootKeyText({ seal, place }: InitConfig): string {
  if (seal.kind === 'file') {
    return `${place.rootKeyFile} (keep a copy in a safe place: without it every key is lost)`
  }
  return seal.kind === 'passphrase'
    ? 'sealed by the passphrase (without it every key is lost)'
    : `sealed: ${seal.threshold} of these ${seal.shares} shares unseal it (with fewer every key is lost)`
}

function sharesText({ seal }: InitConfig, shares: readonly string[]): string {
  if (seal.kind !== 'shares') return ''
  const lines = shares.map((share) => `  ${share}`).join('\n')
  return `\n${lines}\n\nGive each share to another person, now: they are shown once and kept nowhere.\n`
}
