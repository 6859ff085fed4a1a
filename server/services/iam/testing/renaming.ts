// The tests of new names, for users and groups alike.
import { expect, it } from 'vitest'
import { WORDS } from '../holders.ts'
import { arnOf, iamServer } from './iam-server.ts'
import { makeHolder } from './people.ts'
import { allowing } from './stores.ts'

export function testRename(kind: 'user' | 'group'): void {
  const iam = iamServer()
  const word = WORDS[kind]
  const operation = `Update${word}`
  const found = async (name: string) =>
    (await iam.call(`Get${word}`, { [`${word}Name`]: name }))[word]

  it(`${operation} gives a new name and path; the ${kind} stays who it is`, async () => {
    const named = await makeHolder(iam, kind, 'before')
    const before = await found('before')
    const policy = { PolicyName: 'p', PolicyDocument: allowing('kms:*') }
    await iam.call(`Put${word}Policy`, { ...named, ...policy })
    expect(
      await iam.call(operation, { ...named, [`New${word}Name`]: 'after', NewPath: '/x/' }),
    ).toEqual({})
    const after = await found('after')
    expect(after).toMatchObject({ Path: '/x/', Arn: arnOf(`${kind}/x/after`) })
    expect(after[`${word}Id`]).toBe(before[`${word}Id`])
    const { PolicyNames } = await iam.call(`List${word}Policies`, { [`${word}Name`]: 'after' })
    expect(PolicyNames).toEqual(['p'])
    expect(await iam.refused(operation, named)).toBe(
      `NoSuchEntityException 404: The ${kind} with name before cannot be found.`,
    )
    // Its own name in another case is free.
    await iam.call(operation, { [`${word}Name`]: 'after', [`New${word}Name`]: 'AFTER' })
    expect((await found('after'))[`${word}Name`]).toBe('AFTER')
  })

  it(`${operation} refuses a name that is taken, or none`, async () => {
    const named = await makeHolder(iam, kind, 'one')
    await makeHolder(iam, kind, 'two')
    expect(await iam.refused(operation, { ...named, [`New${word}Name`]: 'TWO' })).toBe(
      `EntityAlreadyExistsException 409: ${word} with name TWO already exists.`,
    )
    expect(await iam.refused(operation, { ...named, [`New${word}Name`]: 'a b' })).toMatch(
      /^ValidationError 400: .*alphanumeric/,
    )
  })

  it(`${operation} needs iam:${operation} on the ${kind} as it is and as it will be`, async () => {
    const named = await makeHolder(iam, kind, 'old')
    await iam.needs(operation, { ...named, [`New${word}Name`]: 'new' }, [
      [`iam:${operation}`, arnOf(`${kind}/old`)],
      [`iam:${operation}`, arnOf(`${kind}/new`)],
    ])
  })
}
