// The corpus on a real server: its cast made through the API, each question set up, called and simulated.
import * as iamSdk from '@aws-sdk/client-iam'
import * as kmsSdk from '@aws-sdk/client-kms'
import {
  AssumeRoleCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
} from '@aws-sdk/client-sts'
import type { Principal } from '../../../policy/principal.ts'
import { cast, KEY, policy, ROLE, ROOT_A, ROOT_B, to, USER } from '../../../policy/testing/cast.ts'
import type { Document } from '../../../policy/testing/scene.ts'
import { addOtherAccount, OTHER_ACCOUNT } from '../../../testing/other-account.ts'
import type { TestServer } from '../../../testing/test-server.ts'
import {
  type Credentials,
  call,
  decrypts,
  encryptionContextOf,
  Plaintext,
  type Props,
} from './corpus-calls.ts'
import {
  type PlannedDemand,
  type PlannedGrant,
  type Question,
  servedDemands,
} from './corpus-plan.ts'

type Holder = {
  readonly kind: 'User' | 'Role'
  readonly name: string
  readonly arn: string
  /** The administrator of its account. */
  readonly iam: iamSdk.IAMClient
}
export type Stage = {
  /** Sets the question up, until the next one. */
  setUp(question: Question): Promise<Props>
  /** `allow`, `explicit-deny` or `implicit-deny`, and the words of the refusal. */
  call(question: Question, props: Props): Promise<{ verdict: string; message: string }>
  simulate(question: Question, demand: PlannedDemand, props: Props): Promise<string | undefined>
}

const OTHER_KEY = KEY.replace(/[^/]*$/, '9876fedc-98fe-76dc-54ba-0987654321fe')
const trusting = (arn: string) => policy(allowAssume(arn))
const allowAssume = (arn: string) => ({ Effect: 'Allow', Action: 'sts:AssumeRole', ...to(arn) })
const json = (document: Document) => JSON.stringify(document)

export async function corpusStage(server: TestServer): Promise<Stage> {
  const rootOfB = await addOtherAccount(server)
  const kms = server.kms()
  const kmsOfB = server.kms({ credentials: rootOfB })
  const iam = server.iam()
  const iamOfB = server.iam({ credentials: rootOfB })
  const keyOf = async (client: iamSdk.IAMClient, arn: string): Promise<Credentials> => {
    const [Path, UserName] = pathAndName(arn)
    await client.send(new iamSdk.CreateUserCommand({ Path, UserName }))
    const { AccessKey } = await client.send(new iamSdk.CreateAccessKeyCommand({ UserName }))
    return {
      accessKeyId: AccessKey?.AccessKeyId as string,
      secretAccessKey: AccessKey?.SecretAccessKey as string,
    }
  }
  const newRole = async (client: iamSdk.IAMClient, arn: string, trusted: string) => {
    const [Path, RoleName] = pathAndName(arn)
    const AssumeRolePolicyDocument = json(trusting(trusted))
    await client.send(new iamSdk.CreateRoleCommand({ Path, RoleName, AssumeRolePolicyDocument }))
  }
  const { user, admin, userOfB, roleSessionOfB } = cast
  const people = {
    [arnOf(user)]: await keyOf(iam, arnOf(user)),
    [arnOf(admin)]: await keyOf(iam, arnOf(admin)),
    [arnOf(userOfB)]: await keyOf(iamOfB, arnOf(userOfB)),
  }
  const credentialsOf = (principal: Principal) => people[arnOf(principal)] as Credentials
  await newRole(iam, ROLE, arnOf(admin))
  await newRole(iamOfB, arnOf(roleSessionOfB), arnOf(userOfB))
  let undo: (() => Promise<unknown>)[] = []
  let asked = 0

  async function setUp(question: Question): Promise<Props> {
    for (const step of undo.reverse()) await step()
    undo = []
    asked++
    const context = servedDemands(question)[0]?.context ?? {}
    const keys = new Map<string, string>()
    for (const corpusArn of new Set([KEY, ...question.demands.map(({ resource }) => resource)])) {
      if (![KEY, OTHER_KEY].includes(corpusArn)) continue
      const { KeyMetadata } = await kms.send(new kmsSdk.CreateKeyCommand())
      keys.set(corpusArn, KeyMetadata?.Arn as string)
    }
    const here = <T>(value: T): T => {
      // A name of an alias is free once: each question has its own.
      let text = JSON.stringify(value ?? null).replaceAll(/alias\/[\w-]+(?![\w*-])/g, `$&-${asked}`)
      for (const [corpusArn, arn] of keys) text = text.replaceAll(corpusArn, arn)
      return JSON.parse(text) as T
    }
    const KeyId = keys.get(KEY) as string
    const { 'kms:RequestAlias': requested, 'kms:ResourceAliases': aliases = [] } = context
    for (const AliasName of new Set([...[requested ?? []].flat(), ...aliases])) {
      const input = { AliasName: here(AliasName), TargetKeyId: KeyId }
      await kms.send(new kmsSdk.CreateAliasCommand(input))
    }
    let ciphertext: Uint8Array | undefined
    if (decrypts(question)) {
      const input = { KeyId, Plaintext, EncryptionContext: encryptionContextOf(question) }
      ciphertext = (await kms.send(new kmsSdk.EncryptCommand(input))).CiphertextBlob
    }
    let grantId: string | undefined
    for (const grant of question.grants) grantId = await makeGrant(question, grant, KeyId)
    await bind(question, here)
    for (const { action, resource, policy: document } of question.demands) {
      const Arn = keys.get(resource)
      if (Arn === undefined || document === undefined) continue
      // The question is about the policy that the call puts: its author may put one now.
      const isPut = action === 'kms:PutKeyPolicy'
      await putKeyPolicy(Arn, isPut ? policy(allowKms(USER)) : here(document))
    }
    return { keys, here, grantId, ciphertext }
  }

  const putKeyPolicy = (KeyId: string, document: Document) =>
    kms.send(
      new kmsSdk.PutKeyPolicyCommand({
        KeyId,
        Policy: json(document),
        BypassPolicyLockoutSafetyCheck: true,
      }),
    )

  /** Policies, boundary and trust of whom the question is about. */
  async function bind({ principal, ...question }: Question, here: Props['here']): Promise<void> {
    const trust = question.demands.find(({ resource }) => resource === ROLE)?.policy
    if (trust !== undefined) {
      const trustWith = (document: Document) =>
        iam.send(
          new iamSdk.UpdateAssumeRolePolicyCommand({
            RoleName: pathAndName(ROLE)[1],
            PolicyDocument: json(document),
          }),
        )
      undo.push(() => trustWith(trusting(arnOf(admin))))
      await trustWith(trust)
    }
    const holder = holderOf(principal)
    if (holder === undefined) return
    // What a federated user needs to come to be.
    const federate = policy({ Effect: 'Allow', Action: 'sts:GetFederationToken', Resource: '*' })
    const more = principal.kind === 'federated-user' ? [federate] : []
    for (const [at, document] of [...question.identity, ...more].entries()) {
      const PolicyName = `p${at}`
      const PolicyDocument = json(here(document))
      await send(holder, 'Put*Policy', { PolicyName, PolicyDocument })
      undo.push(() => send(holder, 'Delete*Policy', { PolicyName }))
    }
    if (question.boundary === undefined) return
    const { Policy } = await holder.iam.send(
      new iamSdk.CreatePolicyCommand({
        PolicyName: `boundary-${asked}`,
        PolicyDocument: json(here(question.boundary)),
      }),
    )
    await send(holder, 'Put*PermissionsBoundary', { PermissionsBoundary: Policy?.Arn })
    undo.push(() => send(holder, 'Delete*PermissionsBoundary', {}))
  }

  async function makeGrant(
    { principal, demands }: Question,
    { grantee, issuer, operations, constraints }: PlannedGrant,
    KeyId: string,
  ): Promise<string> {
    if (principal.kind !== 'role-session') throw new Error('a grant to a session, or to its role')
    const isOfB = issuer === OTHER_ACCOUNT
    if (isOfB) await putKeyPolicy(KeyId, policy(...[ROOT_A, ROOT_B].map(allowKms)))
    const { arn, roleArn } = principal
    const named = { session: arn, 'somebody else': arnOf(admin) } as Record<string, string>
    const GranteePrincipal = named[grantee] ?? roleArn
    const retires = demands[0]?.authority === 'grant'
    const { GrantId } = await (isOfB ? kmsOfB : kms).send(
      new kmsSdk.CreateGrantCommand({
        KeyId,
        GranteePrincipal,
        Operations: operations as kmsSdk.GrantOperation[],
        ...(constraints && { Constraints: constraints }),
        ...(retires && { RetiringPrincipal: GranteePrincipal }),
      }),
    )
    // A grant to the unique id of a role that is gone.
    if (grantee.startsWith('AROA')) {
      await iam.send(new iamSdk.DeleteRoleCommand({ RoleName: pathAndName(ROLE)[1] }))
      await newRole(iam, ROLE, arnOf(admin))
    }
    return GrantId as string
  }

  function holderOf(principal: Principal): Holder | undefined {
    const held = principal.kind === 'federated-user' ? user : principal
    if (held.kind !== 'user' && held.kind !== 'role-session') return undefined
    const arn = held.kind === 'user' ? held.arn : held.roleArn
    const [, name] = pathAndName(arn)
    const client = held.account === OTHER_ACCOUNT ? iamOfB : iam
    return { kind: held.kind === 'user' ? 'User' : 'Role', name, arn, iam: client }
  }

  async function signingAs({ principal, ...question }: Question, here: Props['here']) {
    const Policy = question.session && json(here(question.session))
    if (principal.kind === 'root-user') return server.credentials
    if (principal.kind === 'role-session') {
      const by = credentialsOf(principal.account === OTHER_ACCOUNT ? userOfB : admin)
      const { roleArn: RoleArn, sessionName: RoleSessionName } = principal
      const input = { RoleArn, RoleSessionName, ...(Policy && { Policy }) }
      return session(await server.sts({ credentials: by }).send(new AssumeRoleCommand(input)))
    }
    if (principal.kind === 'federated-user') {
      const sts = server.sts({ credentials: credentialsOf(user) })
      const input = { Name: principal.name, ...(Policy && { Policy }) }
      return session(await sts.send(new GetFederationTokenCommand(input)))
    }
    const credentials = credentialsOf(principal)
    const isTemporary = question.demands.some(({ context }) => 'aws:TokenIssueTime' in context)
    if (!isTemporary) return credentials
    return session(await server.sts({ credentials }).send(new GetSessionTokenCommand()))
  }

  return {
    setUp,
    async call(question, props) {
      const credentials = await signingAs(question, props.here)
      try {
        await call(server, credentials, question, props)
        return { verdict: 'allow', message: '' }
      } catch (error) {
        const { name, message } = error as Error
        if (/^AccessDenied(Exception)?$/.test(name)) {
          const isExplicit = message.includes('with an explicit deny')
          return { verdict: isExplicit ? 'explicit-deny' : 'implicit-deny', message }
        }
        // The lockout check asks the new policy, and says so in its own words.
        if (name !== 'MalformedPolicyDocumentException') throw error
        return { verdict: 'implicit-deny', message }
      }
    },
    async simulate({ principal }, { action, resource, policy: document, context }, { here }) {
      const { arn, iam: client } = holderOf(principal) as Holder
      const { EvaluationResults } = await client.send(
        new iamSdk.SimulatePrincipalPolicyCommand({
          PolicySourceArn: arn,
          CallerArn: arn,
          ActionNames: [action],
          ResourceArns: [here(resource)],
          ...(document && { ResourcePolicy: json(here(document)) }),
          ContextEntries: Object.entries(here(context)).map(([ContextKeyName, value]) => ({
            ContextKeyName,
            ContextKeyType: typeof value === 'string' ? 'string' : 'stringList',
            ContextKeyValues: [value].flat(),
          })),
        }),
      )
      return EvaluationResults?.[0]?.EvalDecision
    },
  }
}

const allowKms = (arn: string) => ({ Effect: 'Allow', Action: 'kms:*', Resource: '*', ...to(arn) })

function send(holder: Holder, operation: string, input: object): Promise<unknown> {
  const commands = iamSdk as unknown as Record<string, new (input: object) => never>
  const Command = commands[`${operation.replace('*', holder.kind)}Command`]
  if (Command === undefined) throw new Error(`client-iam has no ${operation}`)
  return holder.iam.send(new Command({ [`${holder.kind}Name`]: holder.name, ...input }))
}

function session({ Credentials }: { Credentials?: object | undefined }): Credentials {
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials as Record<string, string>
  return {
    accessKeyId: AccessKeyId as string,
    secretAccessKey: SecretAccessKey as string,
    sessionToken: SessionToken as string,
  }
}

/** The ARN of a user, or of a session's role. */
function arnOf(principal: Principal): string {
  if (principal.kind === 'role-session') return principal.roleArn
  if (principal.kind !== 'user') throw new Error('neither a user nor a session of a role')
  return principal.arn
}

/** `/team/` and `ursula`, of the ARN of a user or a role. */
function pathAndName(arn: string): [path: string, name: string] {
  const [, path, name] = /:(?:user|role)(\/(?:.*\/)?)([^/]*)$/.exec(arn) ?? []
  return [path as string, name as string]
}
