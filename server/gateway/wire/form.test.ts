// Forms on bytes: what is read, what is not believed, and that no form costs more than its length.
import { describe, expect, it } from 'vitest'
import { isForm, readForm } from './form.ts'

const read = (body: string, query = '') => readForm(Buffer.from(body), Buffer.from(query))
const entries = (body: string, query = '') => Object.fromEntries(read(body, query).parameters)

describe('a form', () => {
  it('gives its parameters decoded', () => {
    expect(entries('Action=a&Name=A%20%2B+%C3%BC&Empty=&Bare')).toEqual({
      Action: 'a',
      Name: 'A + ü',
      Empty: '',
      Bare: '',
    })
    expect(read('a=b=c&&%61b=ü').problem).toBeUndefined()
    expect(entries('a=b=c&&%61b=ü')).toEqual({ a: 'b=c', ab: 'ü' })
  })

  it('may stand in a query string and a body together', () => {
    expect(entries('Action=a', 'Version=1')).toEqual({ Action: 'a', Version: '1' })
    expect(read('Action=a', 'Action=a').problem).toBe('Action is given more than once.')
  })

  it('has spaces for plus signs in its body, but not in a query string', () => {
    expect(entries('a=1+2%2B3', 'b=1+2%2B3%204')).toEqual({ a: '1 2+3', b: '1+2+3 4' })
  })

  it('with a parameter given twice is refused, since nobody could say which was meant', () => {
    const form = read('Action=a&Version=1&%41ction=b&Other=c')
    expect(form.problem).toBe('Action is given more than once.')
    expect(form.parameters.get('Action')).toBe('a')
  })

  it.each(['a=%', 'a=%2', 'a=%zz', '%zz=a', 'a=%C3', 'a=%C3%28', 'a=%ED%A0%80', 'a=%c0%af'])(
    'is refused where it is not UTF-8 in percent-encoding: %s',
    (text) => {
      expect(read(text).problem).toBe('The request is not a form in UTF-8.')
    },
  )

  it('is refused where its bytes are not UTF-8', () => {
    expect(readForm(Buffer.from([0x61, 0x3d, 0xfc])).problem).toBe(
      'The request is not a form in UTF-8.',
    )
  })

  it('may be empty or hold nothing', () => {
    for (const text of ['', '&', '=', '&&', '=&=']) {
      expect(read(text)).toEqual({ parameters: new Map(), problem: undefined })
    }
  })

  it('has names that are no names of prototypes', () => {
    const form = read('__proto__=x&constructor=y')
    expect([...form.parameters]).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
  })

  it('is read no further than ten thousand parameters', () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => `p${at}=`).join('&')
    expect(read(many(10_000)).problem).toBeUndefined()
    const form = read(many(20_000))
    expect(form.problem).toBe('The request has too many parameters.')
    expect(form.parameters.size).toBe(10_000)
  })
})

it('a content type is that of a form with any parameters and in any case, and nothing else is', () => {
  for (const type of [
    'application/x-www-form-urlencoded',
    'Application/X-WWW-Form-URLEncoded',
    'application/x-www-form-urlencoded; charset=utf-8',
  ]) {
    expect(isForm(type), type).toBe(true)
  }
  for (const type of [
    undefined,
    '',
    'application/x-www-form-urlencoded2',
    'multipart/form-data',
    'application/json',
  ]) {
    expect(isForm(type), type).toBe(false)
  }
})
