// A server and its IAM, for the tests of one operation: as the root user, and as users made for a test.
import * as sdk from '@aws-sdk/client-iam'
import { afterAll, beforeAll, expect } from 'vitest'
import { refusalOf } from '../../../testing/refusal.ts'
import { type TestServer, testServer } from '../../../testing/test-server.ts'

export type Credentials = { readonly accessKeyId: string; readonly secretAccessKey: string }
/** An action and the resource it is demanded on. */
export type Permission = readonly [action: string, resource: string]
type Input = Readonly<Record<string, unknown>>
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every operation.
type Answer = any
type Client = sdk.IAMClient

export const ACCOUNT = '111122223333'
/** The ARN of something in the account, such as `user/alice`. */
export const arnOf = (what: string) => `arn:aws:iam::${ACCOUNT}:${what}`

export type IamServer = {
  readonly server: TestServer
  /** Calls an operation, as the root user or as another client; the answer without its metadata. */
  call(operation: string, input?: Input, as?: Client): Promise<Answer>
  /** The refusal of a call that must fail: `NoSuchEntityException 404: The user …`. */
  refused(operation: string, input?: Input, as?: Client): Promise<string>
  /** A client of a new user that is allowed exactly this; `more` stands in its statements. */
  user(permissions: readonly Permission[], more?: object): Promise<Client>
  /** Credentials of a new access key of the user. */
  keyOf(userName: string): Promise<Credentials>
  /**
   * The call needs these permissions: without any one of them it is denied in its name, and with all of
   * them it succeeds.
   */
  needs(operation: string, input: Input, permissions: readonly Permission[]): Promise<void>
}

/** Started before the tests of the file, and closed after them. */
export function iamServer(): IamServer {
  let running: TestServer | undefined
  let client: Client
  let users = 0
  const server = () => running as TestServer
  beforeAll(async () => {
    running = await testServer()
    client = running.iam()
  })
  afterAll(() => running?.close())

  const send = (operation: string, input: Input, as: Client): Promise<Answer> => {
    const commands = sdk as unknown as Record<string, new (input: Input) => never>
    const Command = commands[`${operation}Command`]
    if (Command === undefined) throw new Error(`client-iam has no ${operation}`)
    return as.send(new Command(input))
  }

  const call = async (operation: string, input: Input = {}, as = client): Promise<Answer> => {
    const { $metadata: _, ...answer } = await send(operation, input, as)
    return answer
  }

  const refused = async (operation: string, input: Input = {}, as = client): Promise<string> => {
    const { name, status, message } = await refusalOf(send(operation, input, as))
    return `${name} ${status}: ${message}`
  }

  async function keyOf(UserName: string): Promise<Credentials> {
    const { AccessKey } = await call('CreateAccessKey', { UserName })
    return { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey }
  }

  async function user(permissions: readonly Permission[], more: object = {}): Promise<Client> {
    const UserName = `caller-${++users}`
    await call('CreateUser', { UserName })
    if (permissions.length > 0) {
      const Statement = permissions.map(([Action, Resource]) => ({
        Effect: 'Allow',
        Action,
        Resource,
        ...more,
      }))
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
      await call('PutUserPolicy', { UserName, PolicyName: 'p', PolicyDocument })
    }
    return server().iam({ credentials: await keyOf(UserName) })
  }

  return {
    get server() {
      return server()
    },
    call,
    refused,
    user,
    keyOf,
    async needs(operation, input, permissions) {
      for (const missing of permissions) {
        const others = permissions.filter((permission) => permission !== missing)
        const [action, resource] = missing
        const told = await refused(operation, input, await user(others))
        expect(told).toMatch(/^AccessDenied 403: User: /)
        expect(told).toContain(
          `is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
        )
      }
      await call(operation, input, await user(permissions))
    },
  }
}
