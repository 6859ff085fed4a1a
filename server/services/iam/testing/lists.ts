// The tests of lists of users, groups and roles: pages, paths, permission.
import { expect, it } from 'vitest'
import { type HolderKind, WORDS } from '../holders.ts'
import { iamServer } from './iam-server.ts'
import { makeHolder } from './people.ts'

export function testList(kind: HolderKind): void {
  const iam = iamServer()
  const operation = `List${WORDS[kind]}s`
  const member = `${WORDS[kind]}s`
  // biome-ignore lint/suspicious/noExplicitAny: entries of three kinds.
  const names = (answer: any) => answer[member].map((entry: any) => entry[`${WORDS[kind]}Name`])

  it(`${operation} lists by name whatever its case, page by page, below a path`, async () => {
    expect(await iam.call(operation)).toEqual({ [member]: [], IsTruncated: false })
    await makeHolder(iam, kind, 'b', { Path: '/x/' })
    await makeHolder(iam, kind, 'C', { Path: '/x/y/' })
    await makeHolder(iam, kind, 'a')
    const first = await iam.call(operation, { MaxItems: 2 })
    expect([names(first), first.IsTruncated]).toEqual([['a', 'b'], true])
    const rest = await iam.call(operation, { MaxItems: 2, Marker: first.Marker })
    expect([names(rest), rest.IsTruncated, rest.Marker]).toEqual([['C'], false, undefined])
    expect(names(await iam.call(operation, { PathPrefix: '/x/' }))).toEqual(['b', 'C'])
    expect(names(await iam.call(operation, { PathPrefix: '/x/y' }))).toEqual(['C'])
    expect(names(await iam.call(operation, { PathPrefix: '/%' }))).toEqual([])
    expect(await iam.refused(operation, { PathPrefix: 'x' })).toContain("at 'pathPrefix' failed")
    expect(await iam.refused(operation, { Marker: '?' })).toContain('Invalid Marker')
  })

  it(`${operation} needs iam:${operation}`, async () => {
    await iam.needs(operation, {}, [[`iam:${operation}`, '*']])
  })
}
