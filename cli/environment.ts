// keyhold env: the credentials that init wrote, as the AWS CLI and SDKs read them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

type Credentials = {
  accessKeyId: string
  secretAccessKey: string
  region: string
  endpoint: string
}

export function printEnvironment(directory: string, asJson: boolean): void {
  const file = join(directory, 'credentials.json')
  let credentials: Credentials
  try {
    credentials = JSON.parse(readFileSync(file, 'utf8')) as Credentials
  } catch (error) {
    process.stderr.write(
      `keyhold: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'not JSON'}). Start a server first, or name its directory with --data.\n`,
    )
    process.exitCode = 2
    return
  }
  const variables = {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: credentials.region,
    AWS_DEFAULT_REGION: credentials.region,
    AWS_ENDPOINT_URL: credentials.endpoint,
  }
  process.stdout.write(
    asJson
      ? `${JSON.stringify(variables)}\n`
      : Object.entries(variables)
          .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`)
          .join(''),
  )
}
