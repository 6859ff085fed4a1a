// What many grants on one key cost: Encrypt by a role session that one grant of 50,000 allows, beside the same
// under a key with that grant alone, on one server and in turns. Half of the others are the role's too and
// differ in their encryption context, half are another's. Prints the ratios, what a cold start adds, and what a
// change of one of the role's grants does.
// Run: node bench/grants.ts [number of grants]
import { randomBytes } from 'node:crypto'
import { chooseCores } from './cores.ts'
import { answerOf } from './exchange.ts'
import { startKeyhold } from './keyhold-server.ts'
import { cpuMicroseconds, requestsPerSecond, startLoad } from './load.ts'
import { createKey } from './operations.ts'
import { progress } from './progress.ts'
import { ACCOUNT, roleSession } from './role.ts'
import { type Credentials, signedRequest } from './sign.ts'
import { spread } from './statistics.ts'

/** AWS's quota for one key. */
const MOST_GRANTS = 50_000
const AT_ONCE = 8
const CONNECTIONS = 32
const WARM_UP_SECONDS = 5
const ROUNDS = 7
const ROUND_SECONDS = 2
const DISTINCT_REQUESTS = 64

const ROLE = `arn:aws:iam::${ACCOUNT}:role/app`
const OTHER = `arn:aws:iam::${ACCOUNT}:user/machine`

const count = Number(process.argv[2] ?? MOST_GRANTS)
const cores = chooseCores()
const load = await startLoad(cores.generator)
const server = await startKeyhold({ workers: 1, core: cores.server })
try {
  const session = await roleSession(server)
  const [few, many] = [await createKey(server), await createKey(server)]
  await grant(few, 0)
  const seconds = await fill(many)
  const cold = await oneUse(session, many)
  await grant(many, 2 * count)
  const changed = await oneUse(session, many)
  const ratios = await compare(session, few, many)
  const byRate = spread(ratios.map(({ rate }) => rate))
  const byCpu = spread(ratios.map(({ cpu }) => cpu))
  process.stdout.write(
    `Encrypt that one of ${count} grants allows ÷ that the only grant allows, ${ROUNDS} rounds of ${ROUND_SECONDS} s:\n` +
      `  requests/s ${byRate.median.toFixed(3)} (${byRate.min.toFixed(3)}–${byRate.max.toFixed(3)})\n` +
      `  processor time, one ÷ many ${byCpu.median.toFixed(3)} (${byCpu.min.toFixed(3)}–${byCpu.max.toFixed(3)})\n` +
      `  the role's first Encrypt, which reads and indexes its grants: ${cold.toFixed(0)} ms\n` +
      `  the next one, after a CreateGrant for the role: ${changed.toFixed(1)} ms\n` +
      `  CreateGrant ${(count / seconds).toFixed(0)}/s, ${AT_ONCE} at once\n`,
  )
} finally {
  await server.stop()
  await load.stop()
}

/** The number is the tenant that the grant is for; every other grant is another's. */
function grant(KeyId: string, number: number): Promise<unknown> {
  return server.call('CreateGrant', {
    KeyId,
    GranteePrincipal: number % 2 === 0 ? ROLE : OTHER,
    Operations: ['Encrypt', 'Decrypt'],
    Constraints: { EncryptionContextSubset: { tenant: String(number) } },
  })
}

async function fill(KeyId: string): Promise<number> {
  const begunMs = performance.now()
  let next = 0
  const worker = async () => {
    while (next < count) {
      const number = next++
      if (number % 5000 === 0) progress(`${number} of ${count} grants`)
      await grant(KeyId, number)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return (performance.now() - begunMs) / 1000
}

async function oneUse(session: Credentials, KeyId: string): Promise<number> {
  const [request] = pool(session, KeyId)()
  const begunMs = performance.now()
  const { status, body } = await answerOf(server.port, request as Buffer)
  if (status !== 200) throw new Error(`Encrypt: ${status} ${body}`)
  return performance.now() - begunMs
}

function pool(session: Credentials, KeyId: string): () => readonly Buffer[] {
  const inputs = Array.from({ length: DISTINCT_REQUESTS }, () => ({
    KeyId,
    Plaintext: randomBytes(100).toString('base64'),
    EncryptionContext: { tenant: '0', purpose: 'customer record' },
  }))
  return () => inputs.map((input) => signedRequest(session, 'Encrypt', input))
}

async function compare(session: Credentials, few: string, many: string) {
  const requests = [pool(session, few), pool(session, many)] as const
  const order = { connections: CONNECTIONS, seconds: ROUND_SECONDS }
  progress(`${2 * WARM_UP_SECONDS} s of warm-up`)
  for (const made of requests)
    await load.run(server, made(), { ...order, seconds: WARM_UP_SECONDS })
  const ratios: { rate: number; cpu: number }[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const turns = round % 2 === 0 ? requests : requests.toReversed()
    const results = []
    for (const made of turns) results.push(await load.run(server, made(), order))
    const [one, all] = (round % 2 === 0 ? results : results.toReversed()) as [
      (typeof results)[number],
      (typeof results)[number],
    ]
    const rate = requestsPerSecond(all) / requestsPerSecond(one)
    const cpu = cpuMicroseconds(one) / cpuMicroseconds(all)
    ratios.push({ rate, cpu })
    progress(`round ${round + 1}: ${rate.toFixed(3)}; by processor time ${cpu.toFixed(3)}`)
  }
  return ratios
}
