// What a least-privilege key policy costs: Encrypt by a session of a role that such a policy lists, beside
// Encrypt by the root user under the default policy, on one server and in turns. Prints the ratios.
// Run: node bench/role-session.ts
import { randomBytes } from 'node:crypto'
import * as kms from '@aws-sdk/client-kms'
import { chooseCores } from './cores.ts'
import { type KeyholdServer, startKeyhold } from './keyhold-server.ts'
import { busyShare, cpuMicroseconds, requestsPerSecond, startLoad } from './load.ts'
import { createKey } from './operations.ts'
import { progress } from './progress.ts'
import { ACCOUNT, clientOf, roleSession } from './role.ts'
import { type Credentials, signedRequest } from './sign.ts'
import { spread } from './statistics.ts'

const TARGET = 0.9
const WARM_UP_SECONDS = 6
const ROUNDS = 7
const ROUND_SECONDS = 2
const CONNECTIONS = 32
const DISTINCT_REQUESTS = 64
const EncryptionContext = { tenant: '1234567890', purpose: 'customer record' }

const cores = chooseCores()
const load = await startLoad(cores.generator)
const server = await startKeyhold({ workers: 1, core: cores.server })
try {
  const ratios = await compare(server)
  const byCpu = spread(ratios.map(({ cpu }) => cpu))
  const byRate = spread(ratios.map(({ rate }) => rate))
  process.stdout.write(
    `Encrypt by a role session under least privilege ÷ by root under the default policy, ${ROUNDS} rounds of ${ROUND_SECONDS} s:\n` +
      `  requests/s ${byRate.median.toFixed(3)} (${byRate.min.toFixed(3)}–${byRate.max.toFixed(3)}), target ${TARGET} or more: ${byRate.median >= TARGET ? 'met' : 'NOT MET'}\n` +
      `  processor time, root ÷ session ${byCpu.median.toFixed(3)} (${byCpu.min.toFixed(3)}–${byCpu.max.toFixed(3)})\n`,
  )
} finally {
  await server.stop()
  await load.stop()
}

async function compare(keyhold: KeyholdServer): Promise<{ rate: number; cpu: number }[]> {
  const { credentials } = keyhold
  const session = await roleSession(keyhold)
  const requests = {
    root: pool(credentials, await createKey(keyhold)),
    session: pool(session, await leastPrivilegeKey(keyhold)),
  }
  const order = { connections: CONNECTIONS, seconds: ROUND_SECONDS }
  progress(`${2 * WARM_UP_SECONDS} s of warm-up`)
  for (const made of [requests.root, requests.session]) {
    await load.run(keyhold, made(), { ...order, seconds: WARM_UP_SECONDS })
  }
  const ratios: { rate: number; cpu: number }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const isRootFirst = round % 2 === 0
    const first = await load.run(keyhold, (isRootFirst ? requests.root : requests.session)(), order)
    const second = await load.run(
      keyhold,
      (isRootFirst ? requests.session : requests.root)(),
      order,
    )
    const [root, other] = isRootFirst ? [first, second] : [second, first]
    const rate = requestsPerSecond(other) / requestsPerSecond(root)
    const cpu = cpuMicroseconds(root) / cpuMicroseconds(other)
    ratios.push({ rate, cpu })
    progress(
      `round ${round + 1}: ${rate.toFixed(3)}; by processor time ${cpu.toFixed(3)}; core busy ${(busyShare(root) * 100).toFixed(0)} and ${(busyShare(other) * 100).toFixed(0)} %`,
    )
  }
  return ratios
}

function pool(credentials: Credentials, KeyId: string): () => readonly Buffer[] {
  const inputs = Array.from({ length: DISTINCT_REQUESTS }, () => ({
    KeyId,
    Plaintext: randomBytes(100).toString('base64'),
    EncryptionContext,
  }))
  return () => inputs.map((input) => signedRequest(credentials, 'Encrypt', input))
}

/** A key under the policy that `keyhold policy generate least-privilege` writes, for the role `app`. */
async function leastPrivilegeKey(keyhold: KeyholdServer): Promise<string> {
  const statement = (Sid: string, Action: string[], names: string[]) => ({
    Sid,
    Effect: 'Allow',
    Principal: { AWS: '*' },
    Action,
    Resource: '*',
    Condition: {
      ArnEquals: { 'aws:PrincipalArn': names.map((name) => `arn:aws:iam::${ACCOUNT}:${name}`) },
    },
  })
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      statement(
        'AllowRestrictedAdministerResource',
        ['kms:PutKeyPolicy', 'kms:TagResource'],
        ['root'],
      ),
      statement('AllowRestrictedReadConfig', ['kms:DescribeKey', 'kms:GetKeyPolicy'], ['root']),
      statement('AllowRestrictedReadData', ['kms:Decrypt', 'kms:Verify'], ['role/app']),
      statement('AllowRestrictedWriteData', ['kms:Encrypt', 'kms:GenerateDataKey'], ['role/app']),
    ],
  })
  const client = new kms.KMSClient(clientOf(keyhold))
  const { KeyMetadata } = await client.send(new kms.CreateKeyCommand({ Policy }))
  return KeyMetadata?.KeyId as string
}
