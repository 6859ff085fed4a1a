// Pages of a list and the markers between them.
import { expect, it } from 'vitest'
import { findPlace, pageOf } from './pages.ts'

const isWord = (text: string) => /^[a-z\u00fc]+$/.test(text)
const placeOf = (word: string) => word

it('A page that is not full, or just full, is the last', () => {
  for (const found of [[], ['a'], ['a', 'b']]) {
    expect(pageOf(found, 2, placeOf)).toEqual({ entries: found, paging: { Truncated: false } })
  }
})

it('A page with an entry beyond it ends in a marker of its last entry', () => {
  const { entries, paging } = pageOf(['a', 'b\u00fc', 'c'], 2, placeOf)
  expect([entries, paging.Truncated]).toEqual([['a', 'b\u00fc'], true])
  expect(findPlace(paging.NextMarker ?? '', isWord)).toBe('b\u00fc')
})

it('A marker is taken only in the form that was given out, and of a place in this list', () => {
  const marker = Buffer.from('ab').toString('base64url')
  expect(findPlace(marker, isWord)).toBe('ab')
  for (const other of [`${marker}=`, `${marker}\n`, ` ${marker}`, 'ab', '', marker.slice(1)]) {
    expect(findPlace(other, isWord)).toBeUndefined()
  }
  expect(findPlace(Buffer.from('A').toString('base64url'), isWord)).toBeUndefined()
})
