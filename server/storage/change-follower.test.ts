import { describe, expect, it } from 'vitest'
import { followChanges } from './change-follower.ts'
import type { ChangeRow } from './changes.ts'
import { StaleChangesError } from './errors.ts'

const row = (number: number, subject = `s${number}`): ChangeRow => {
  return { number, topic: 'keys', subject, at_ms: number * 10 }
}

function listen(follower: ReturnType<typeof followChanges>, topic = 'keys') {
  const heard: string[] = []
  follower.subscribe(topic, {
    onChange: (subject) => heard.push(subject),
    onReset: () => heard.push('reset'),
  })
  return heard
}

describe('A follower of changes', () => {
  it('resets a listener that joins: what it cached before was watched by nobody', () => {
    expect(listen(followChanges(undefined))).toEqual(['reset'])
  })

  it('tells of the rows after its last one, by topic and in order', () => {
    const follower = followChanges(row(4))
    const keys = listen(follower)
    const roles = listen(follower, 'roles')
    follower.follow([row(4), row(5), { ...row(6), topic: 'roles' }, row(7)])

    expect(keys).toEqual(['reset', 's5', 's7'])
    expect(roles).toEqual(['reset', 's6'])
    expect(follower.last).toEqual(row(7))
  })

  it('hears nothing twice, and nothing when there is nothing new', () => {
    const follower = followChanges(row(4))
    const heard = listen(follower)
    follower.follow([row(4)])
    follower.follow([row(4), row(5)])
    follower.follow([row(5)])

    expect(heard).toEqual(['reset', 's5'])
  })

  it('begins with an empty feed and hears the first change', () => {
    const follower = followChanges(undefined)
    const heard = listen(follower)
    follower.follow([])
    follower.follow([row(1), row(2)])

    expect(heard).toEqual(['reset', 's1', 's2'])
  })

  it.each([
    ['its last row was pruned', [row(6), row(7)]],
    ['a row after it was pruned', [row(4), row(6)]],
    ['the feed was emptied', []],
    ['the store was put back, and the number given again', [row(4, 'other'), row(5)]],
  ])('resets every listener when %s', (_, rows) => {
    const follower = followChanges(row(4))
    const keys = listen(follower)
    const roles = listen(follower, 'roles')
    follower.follow(rows)

    expect([keys, roles]).toEqual([
      ['reset', 'reset'],
      ['reset', 'reset'],
    ])
    expect(follower.last).toEqual(rows.at(-1))
  })

  it('resets when an empty feed was followed and its first rows are gone already', () => {
    const follower = followChanges(undefined)
    const heard = listen(follower)
    follower.follow([row(2)])

    expect(heard).toEqual(['reset', 'reset'])
  })

  it('resets a listener that throws, tells the others, and goes on', () => {
    const follower = followChanges(row(1))
    const heard: string[] = []
    follower.subscribe('keys', {
      onChange() {
        throw new Error('broken')
      },
      onReset: () => heard.push('reset'),
    })
    const others = listen(follower)
    follower.follow([row(1), row(2)])

    expect(heard).toEqual(['reset', 'reset'])
    expect(others).toEqual(['reset', 's2'])
    expect(() => follower.requireHeard()).not.toThrow()
  })

  it('refuses while a listener cannot even reset, and recovers with it', () => {
    const follower = followChanges(row(1))
    let broken = true
    follower.subscribe('keys', {
      onChange() {},
      onReset() {
        if (broken) throw new Error('broken')
      },
    })

    expect(() => follower.requireHeard()).toThrow(StaleChangesError)
    broken = false
    expect(() => follower.requireHeard()).not.toThrow()
  })
})
