// The tests of permissions boundaries, for users and roles alike.
import { expect, it } from 'vitest'
import { WORDS } from '../holders.ts'
import { arnOf, iamServer } from './iam-server.ts'
import { makeHolder, makePolicy } from './people.ts'

type Kind = 'user' | 'role'
const READ_ONLY = 'arn:aws:iam::aws:policy/IAMReadOnlyAccess'

export function testPutBoundary(kind: Kind): void {
  const iam = iamServer()
  const word = WORDS[kind]
  const operation = `Put${word}PermissionsBoundary`

  it(`${operation} sets the boundary, and another in its place`, async () => {
    const named = await makeHolder(iam, kind, 'bounded')
    for (const PermissionsBoundary of [await makePolicy(iam, 'B'), READ_ONLY]) {
      expect(await iam.call(operation, { ...named, PermissionsBoundary })).toEqual({})
      const answer = await iam.call(`Get${word}`, named)
      expect(answer[word].PermissionsBoundary).toEqual({
        PermissionsBoundaryType: 'Policy',
        PermissionsBoundaryArn: PermissionsBoundary,
      })
    }
  })

  it(`${operation} refuses a policy that is not there`, async () => {
    const named = await makeHolder(iam, kind, 'refuses')
    const none = arnOf('policy/None')
    expect(await iam.refused(operation, { ...named, PermissionsBoundary: none })).toBe(
      `NoSuchEntityException 404: Policy ${none} does not exist or is not attachable.`,
    )
    expect(
      await iam.refused(operation, { ...named, PermissionsBoundary: arnOf('user/x') }),
    ).toMatch(/^InvalidInputException 400: /)
  })

  it(`${operation} needs iam:${operation} on the ${kind}, for the boundary to be`, async () => {
    const named = await makeHolder(iam, kind, 'needs')
    const arn = arnOf(`${kind}/needs`)
    const input = { ...named, PermissionsBoundary: READ_ONLY }
    await iam.needs(operation, input, [[`iam:${operation}`, arn]])
    const other = await iam.user([[`iam:${operation}`, arn]], {
      Condition: { ArnNotEquals: { 'iam:PermissionsBoundary': READ_ONLY } },
    })
    expect(await iam.refused(operation, input, other)).toMatch(/^AccessDenied 403: /)
  })
}

export function testDeleteBoundary(kind: Kind): void {
  const iam = iamServer()
  const word = WORDS[kind]
  const operation = `Delete${word}PermissionsBoundary`

  it(`${operation} takes the boundary away, once`, async () => {
    const named = await makeHolder(iam, kind, 'bounded', { PermissionsBoundary: READ_ONLY })
    expect(await iam.call(operation, named)).toEqual({})
    const answer = await iam.call(`Get${word}`, named)
    expect(answer[word].PermissionsBoundary).toBeUndefined()
    expect(await iam.refused(operation, named)).toMatch(/^NoSuchEntityException 404: /)
  })

  it(`${operation} needs iam:${operation} on the ${kind}, for the boundary there is`, async () => {
    const named = await makeHolder(iam, kind, 'needs', { PermissionsBoundary: READ_ONLY })
    const arn = arnOf(`${kind}/needs`)
    const other = await iam.user([[`iam:${operation}`, arn]], {
      Condition: { ArnNotEquals: { 'iam:PermissionsBoundary': READ_ONLY } },
    })
    expect(await iam.refused(operation, named, other)).toMatch(/^AccessDenied 403: /)
    await iam.needs(operation, named, [[`iam:${operation}`, arn]])
    expect(await iam.refused(operation, { [`${word}Name`]: 'none' })).toBe(
      `NoSuchEntityException 404: The ${kind} with name none cannot be found.`,
    )
  })
}
