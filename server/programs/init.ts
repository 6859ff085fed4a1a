// keyhold init: makes an installation and says where its credentials are.
import type { InitConfig } from '../config.ts'
import { initialise } from '../installation.ts'

export async function init(config: InitConfig, asJson: boolean): Promise<void> {
  const { accountId, accessKeyId, region, endpoint } = await initialise(config)
  const { directory, credentialsFile, rootKeyFile } = config.place
  if (asJson) {
    const made = {
      directory,
      accountId,
      accessKeyId,
      region,
      endpoint,
      credentialsFile,
      rootKeyFile,
    }
    process.stdout.write(`${JSON.stringify(made)}\n`)
    return
  }
  process.stdout.write(`Made an installation in ${directory}

  account      ${accountId}
  access key   ${accessKeyId}
  credentials  ${credentialsFile} (the secret access key stands there and nowhere else)
  root key     ${rootKeyFile} (keep a copy in a safe place: without it every key is lost)

Start it with:  keyhold serve --data ${directory}
`)
}
