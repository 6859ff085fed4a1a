// The tests of attached policies, for users, groups and roles alike.
import { expect, it } from 'vitest'
import { type HolderKind, WORDS } from '../holders.ts'
import { arnOf, iamServer } from './iam-server.ts'
import { makeHolder, makePolicy } from './people.ts'

const READ_ONLY = 'arn:aws:iam::aws:policy/IAMReadOnlyAccess'
const SERVICE_LINKED =
  'arn:aws:iam::aws:policy/aws-service-role/AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy'
const missing = (kind: HolderKind) =>
  `NoSuchEntityException 404: The ${kind} with name none cannot be found.`

export function testAttachPolicy(kind: HolderKind): void {
  const iam = iamServer()
  const operation = `Attach${WORDS[kind]}Policy`
  const listed = async (named: Readonly<Record<string, unknown>>) =>
    (await iam.call(`ListAttached${WORDS[kind]}Policies`, named)).AttachedPolicies

  it(`${operation} attaches policies of the account and of AWS, also twice`, async () => {
    const named = await makeHolder(iam, kind, 'holder')
    const own = await makePolicy(iam, 'Own', undefined, { Path: '/x/' })
    for (const PolicyArn of [own, READ_ONLY, own]) {
      expect(await iam.call(operation, { ...named, PolicyArn })).toEqual({})
    }
    expect(await listed(named)).toEqual([
      { PolicyName: 'Own', PolicyArn: own },
      { PolicyName: 'IAMReadOnlyAccess', PolicyArn: READ_ONLY },
    ])
  })

  it(`${operation} refuses policies that are not there, or not to be attached`, async () => {
    const named = await makeHolder(iam, kind, 'refuses')
    await makePolicy(iam, 'There')
    const attach = (PolicyArn: string) => iam.refused(operation, { ...named, PolicyArn })
    for (const arn of [
      arnOf('policy/None'),
      arnOf('policy/there'),
      arnOf('policy/x/There'),
      'arn:aws:iam::444455556666:policy/There',
      'arn:aws:iam::aws:policy/NoSuchPolicy',
    ]) {
      expect(await attach(arn)).toBe(
        `NoSuchEntityException 404: Policy ${arn} does not exist or is not attachable.`,
      )
    }
    for (const arn of ['arn:aws:s3:::bucket-of-mine', arnOf('user/alice'), 'x'.repeat(20)]) {
      expect(await attach(arn)).toBe(`InvalidInputException 400: ARN ${arn} is not valid.`)
    }
    expect(await attach(SERVICE_LINKED)).toMatch(/^PolicyNotAttachableException 400: /)
    expect(await listed(named)).toEqual([])
  })

  it(`${operation} attaches ten policies at most`, async () => {
    const named = await makeHolder(iam, kind, 'full')
    for (let at = 0; at < 10; at++) {
      await iam.call(operation, { ...named, PolicyArn: await makePolicy(iam, `P${at}`) })
    }
    expect(await iam.refused(operation, { ...named, PolicyArn: READ_ONLY })).toBe(
      `LimitExceededException 409: Cannot exceed quota for PoliciesPer${WORDS[kind]}: 10`,
    )
  })

  it(`${operation} needs iam:${operation} on the ${kind}, for the policy iam:PolicyARN`, async () => {
    const named = await makeHolder(iam, kind, 'needs')
    const arn = arnOf(`${kind}/needs`)
    await iam.needs(operation, { ...named, PolicyArn: READ_ONLY }, [[`iam:${operation}`, arn]])
    const limited = await iam.user([[`iam:${operation}`, arn]], {
      Condition: { ArnEquals: { 'iam:PolicyARN': READ_ONLY } },
    })
    const admin = { ...named, PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }
    expect(await iam.refused(operation, admin, limited)).toMatch(/^AccessDenied 403: /)
    await iam.call(operation, { ...named, PolicyArn: READ_ONLY }, limited)
    const none = { [`${WORDS[kind]}Name`]: 'none', PolicyArn: READ_ONLY }
    expect(await iam.refused(operation, none)).toBe(missing(kind))
  })
}

export function testDetachPolicy(kind: HolderKind): void {
  const iam = iamServer()
  const operation = `Detach${WORDS[kind]}Policy`

  it(`${operation} detaches the one policy, once`, async () => {
    const named = await makeHolder(iam, kind, 'holder')
    const own = await makePolicy(iam, 'Own')
    for (const PolicyArn of [own, READ_ONLY]) {
      await iam.call(`Attach${WORDS[kind]}Policy`, { ...named, PolicyArn })
    }
    expect(await iam.call(operation, { ...named, PolicyArn: own })).toEqual({})
    const { AttachedPolicies } = await iam.call(`ListAttached${WORDS[kind]}Policies`, named)
    expect(AttachedPolicies).toHaveLength(1)
    expect(await iam.refused(operation, { ...named, PolicyArn: own })).toBe(
      `NoSuchEntityException 404: Policy ${own} was not found.`,
    )
    expect(await iam.refused(operation, { ...named, PolicyArn: arnOf('user/alice') })).toMatch(
      /^InvalidInputException 400: ARN .* is not valid\.$/,
    )
    const none = { [`${WORDS[kind]}Name`]: 'none', PolicyArn: own }
    expect(await iam.refused(operation, none)).toBe(missing(kind))
  })

  it(`${operation} needs iam:${operation} on the ${kind}, for the policy iam:PolicyARN`, async () => {
    const named = await makeHolder(iam, kind, 'needs')
    const arn = arnOf(`${kind}/needs`)
    const input = { ...named, PolicyArn: READ_ONLY }
    await iam.call(`Attach${WORDS[kind]}Policy`, input)
    const other = await iam.user([[`iam:${operation}`, arn]], {
      Condition: { ArnNotEquals: { 'iam:PolicyARN': READ_ONLY } },
    })
    expect(await iam.refused(operation, input, other)).toMatch(/^AccessDenied 403: /)
    await iam.needs(operation, input, [[`iam:${operation}`, arn]])
  })
}

export function testListAttachedPolicies(kind: HolderKind): void {
  const iam = iamServer()
  const operation = `ListAttached${WORDS[kind]}Policies`

  it(`${operation} lists page by page, below a path`, async () => {
    const named = await makeHolder(iam, kind, 'holder')
    expect(await iam.call(operation, named)).toEqual({ AttachedPolicies: [], IsTruncated: false })
    const arns = [
      await makePolicy(iam, 'A'),
      await makePolicy(iam, 'B', undefined, { Path: '/x/' }),
      READ_ONLY,
    ]
    for (const PolicyArn of arns) {
      await iam.call(`Attach${WORDS[kind]}Policy`, { ...named, PolicyArn })
    }
    const seen: string[] = []
    let Marker: string | undefined
    do {
      const page = await iam.call(operation, { ...named, MaxItems: 1, Marker })
      expect(page.AttachedPolicies).toHaveLength(1)
      seen.push(page.AttachedPolicies[0].PolicyArn)
      Marker = page.Marker
      expect(page.IsTruncated).toBe(Marker !== undefined)
    } while (Marker !== undefined)
    expect(seen).toEqual(arns)
    const below = await iam.call(operation, { ...named, PathPrefix: '/x/' })
    expect(below.AttachedPolicies).toEqual([{ PolicyName: 'B', PolicyArn: arnOf('policy/x/B') }])
  })

  it(`${operation} needs iam:${operation} on the ${kind}, who must be there`, async () => {
    const named = await makeHolder(iam, kind, 'needs')
    await iam.needs(operation, named, [[`iam:${operation}`, arnOf(`${kind}/needs`)]])
    expect(await iam.refused(operation, { [`${WORDS[kind]}Name`]: 'none' })).toBe(missing(kind))
  })
}
