// The tests of inline policies, for users, groups and roles alike.
import { expect, it } from 'vitest'
import { type HolderKind, WORDS } from '../holders.ts'
import { QUOTAS } from '../limits.ts'
import { arnOf, iamServer } from './iam-server.ts'
import { makeHolder } from './people.ts'
import { allowing } from './stores.ts'

const DOCUMENT = allowing('kms:Decrypt')
const missing = (kind: HolderKind) =>
  `NoSuchEntityException 404: The ${kind} with name none cannot be found.`

export function testPutInlinePolicy(kind: HolderKind): void {
  const iam = iamServer()
  const operation = `Put${WORDS[kind]}Policy`
  const read = async (named: object) => {
    const { PolicyDocument } = await iam.call(`Get${WORDS[kind]}Policy`, {
      ...named,
      PolicyName: 'p',
    })
    return decodeURIComponent(PolicyDocument)
  }

  it(`${operation} keeps the document to the letter, and puts another in its place`, async () => {
    const named = await makeHolder(iam, kind, 'keeps')
    const spaced = `${DOCUMENT.replace(/,/g, ' ,\n ')}\n`
    expect(
      await iam.call(operation, { ...named, PolicyName: 'p', PolicyDocument: spaced }),
    ).toEqual({})
    expect(await read(named)).toBe(spaced)
    await iam.call(operation, { ...named, PolicyName: 'p', PolicyDocument: DOCUMENT })
    expect(await read(named)).toBe(DOCUMENT)
    const { PolicyNames } = await iam.call(`List${WORDS[kind]}Policies`, named)
    expect(PolicyNames).toEqual(['p'])
  })

  it(`${operation} refuses what is no policy, in IAM’s words`, async () => {
    const named = await makeHolder(iam, kind, 'refuses')
    const put = (PolicyDocument: string, PolicyName = 'p') =>
      iam.refused(operation, { ...named, PolicyName, PolicyDocument })
    const syntax = 'MalformedPolicyDocumentException 400: Syntax errors in policy.'
    expect(await put('{')).toBe(syntax)
    expect(await put('[]')).toBe(syntax)
    expect(await put('{"Version":"2012-10-17","Version":"2012-10-17"}')).toBe(syntax)
    for (const statement of [
      { Effect: 'allow', Action: 'a:b', Resource: '*' },
      { Effect: 'Allow', Action: 'b', Resource: '*' },
      { Effect: 'Allow', Action: 'a:b', Resource: 'x' },
      { Effect: 'Allow', Action: 'a:b', Resource: '*', Principal: '*' },
      { Effect: 'Allow', Action: 'a:b', Resource: '*', Condition: { Odd: { 'a:b': 'c' } } },
    ]) {
      const document = JSON.stringify({ Version: '2012-10-17', Statement: statement })
      expect(await put(document)).toMatch(/^MalformedPolicyDocumentException 400: ./)
    }
    expect(await put(DOCUMENT, 'a b')).toMatch(/^ValidationError 400: .* policyName is invalid/)
    expect(await put('€')).toMatch(/^ValidationError 400: .* at 'policyDocument' failed/)
  })

  it(`${operation} bounds all inline policies of one ${kind} together`, async () => {
    const named = await makeHolder(iam, kind, 'bounds')
    const quota = QUOTAS.inlineSize[kind]
    const ofSize = (size: number) => {
      const shortest = allowing('kms:*', { Resource: '*', Sid: '' })
      return allowing('kms:*', { Resource: '*', Sid: 'x'.repeat(size - shortest.length) })
    }
    const put = (PolicyName: string, PolicyDocument: string) => ({
      ...named,
      PolicyName,
      PolicyDocument,
    })
    const half = quota / 2
    await iam.call(operation, put('one', ofSize(half)))
    expect(await iam.refused(operation, put('two', ofSize(half + 1)))).toBe(
      `LimitExceededException 409: Maximum policy size of ${quota} bytes exceeded for ${kind} bounds`,
    )
    // White space does not count.
    await iam.call(operation, put('two', ` ${ofSize(half)}\n\n`))
  })

  it(`${operation} needs iam:${operation} on the ${kind}, who must be there`, async () => {
    const named = await makeHolder(iam, kind, 'needs', { Path: '/x/' })
    const input = { PolicyName: 'p', PolicyDocument: DOCUMENT }
    await iam.needs(operation, { ...named, ...input }, [
      [`iam:${operation}`, arnOf(`${kind}/x/needs`)],
    ])
    const none = { [`${WORDS[kind]}Name`]: 'none', ...input }
    expect(await iam.refused(operation, none)).toBe(missing(kind))
    // Who may not, does not hear that there is none.
    expect(await iam.refused(operation, none, await iam.user([]))).toMatch(/^AccessDenied/)
  })
}

export function testGetInlinePolicy(kind: HolderKind): void {
  const iam = iamServer()
  const operation = `Get${WORDS[kind]}Policy`

  it(`${operation} answers the document, percent-encoded as RFC 3986 says`, async () => {
    const named = await makeHolder(iam, kind, 'holder')
    const document = allowing('kms:*', { Resource: "arn:aws:kms:*:*:key/!'()*~-_. ä" })
    await iam.call(`Put${WORDS[kind]}Policy`, {
      ...named,
      PolicyName: 'p',
      PolicyDocument: document,
    })
    const answer = await iam.call(operation, { ...named, PolicyName: 'p' })
    expect(answer).toEqual({ ...named, PolicyName: 'p', PolicyDocument: expect.any(String) })
    expect(answer.PolicyDocument).toMatch(/^(?:[A-Za-z0-9~_.-]|%[0-9A-F]{2})+$/)
    expect(decodeURIComponent(answer.PolicyDocument)).toBe(document)
  })

  it(`${operation} tells a ${kind} or policy that is not there`, async () => {
    const named = await makeHolder(iam, kind, 'without')
    expect(await iam.refused(operation, { ...named, PolicyName: 'p' })).toBe(
      `NoSuchEntityException 404: The ${kind} policy with name p cannot be found.`,
    )
    const none = { [`${WORDS[kind]}Name`]: 'none', PolicyName: 'p' }
    expect(await iam.refused(operation, none)).toBe(missing(kind))
  })

  it(`${operation} needs iam:${operation} on the ${kind}`, async () => {
    const named = await makeHolder(iam, kind, 'needs')
    const input = { ...named, PolicyName: 'p' }
    await iam.call(`Put${WORDS[kind]}Policy`, { ...input, PolicyDocument: DOCUMENT })
    await iam.needs(operation, input, [[`iam:${operation}`, arnOf(`${kind}/needs`)]])
  })
}

export function testDeleteInlinePolicy(kind: HolderKind): void {
  const iam = iamServer()
  const operation = `Delete${WORDS[kind]}Policy`
  const put = (named: object, PolicyName: string) =>
    iam.call(`Put${WORDS[kind]}Policy`, { ...named, PolicyName, PolicyDocument: DOCUMENT })

  it(`${operation} takes the one policy away, once`, async () => {
    const named = await makeHolder(iam, kind, 'holder')
    await put(named, 'one')
    await put(named, 'two')
    expect(await iam.call(operation, { ...named, PolicyName: 'one' })).toEqual({})
    expect((await iam.call(`List${WORDS[kind]}Policies`, named)).PolicyNames).toEqual(['two'])
    expect(await iam.refused(operation, { ...named, PolicyName: 'one' })).toBe(
      `NoSuchEntityException 404: The ${kind} policy with name one cannot be found.`,
    )
    const none = { [`${WORDS[kind]}Name`]: 'none', PolicyName: 'p' }
    expect(await iam.refused(operation, none)).toBe(missing(kind))
  })

  it(`${operation} needs iam:${operation} on the ${kind}`, async () => {
    const named = await makeHolder(iam, kind, 'needs')
    await put(named, 'p')
    await iam.needs(operation, { ...named, PolicyName: 'p' }, [
      [`iam:${operation}`, arnOf(`${kind}/needs`)],
    ])
  })
}

export function testListInlinePolicies(kind: HolderKind): void {
  const iam = iamServer()
  const operation = `List${WORDS[kind]}Policies`

  it(`${operation} lists by name, page by page`, async () => {
    const named = await makeHolder(iam, kind, 'holder')
    expect(await iam.call(operation, named)).toEqual({ PolicyNames: [], IsTruncated: false })
    for (const PolicyName of ['b', 'a', 'c']) {
      await iam.call(`Put${WORDS[kind]}Policy`, { ...named, PolicyName, PolicyDocument: DOCUMENT })
    }
    const first = await iam.call(operation, { ...named, MaxItems: 2 })
    expect(first).toEqual({
      PolicyNames: ['a', 'b'],
      IsTruncated: true,
      Marker: expect.any(String),
    })
    const { Marker } = first
    expect(await iam.call(operation, { ...named, MaxItems: 2, Marker })).toEqual({
      PolicyNames: ['c'],
      IsTruncated: false,
    })
    expect(await iam.refused(operation, { ...named, Marker: 'no marker!' })).toMatch(
      /^ValidationError 400: Invalid Marker/,
    )
    for (const MaxItems of [0, 1001]) {
      expect(await iam.refused(operation, { ...named, MaxItems })).toContain("at 'maxItems' failed")
    }
  })

  it(`${operation} needs iam:${operation} on the ${kind}, who must be there`, async () => {
    const named = await makeHolder(iam, kind, 'needs')
    await iam.needs(operation, named, [[`iam:${operation}`, arnOf(`${kind}/needs`)]])
    expect(await iam.refused(operation, { [`${WORDS[kind]}Name`]: 'none' })).toBe(missing(kind))
  })
}
