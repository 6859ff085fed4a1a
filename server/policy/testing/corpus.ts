// The decision corpus as data: cases whose principals, policies and resources are names of their file.
import { readdirSync, readFileSync } from 'node:fs'
import type { Principal } from '../principal.ts'
import type { Document, SceneDemand } from './scene.ts'

type Named<T> = Readonly<Record<string, T>>

export type Expectation = {
  readonly verdict: string
  readonly layer?: string
  readonly sid?: string
  readonly grant?: string
  readonly crossAccount?: boolean
  readonly told?: string
  /** The action that is denied, where a call needs several. */
  readonly denied?: string
  readonly deniedOn?: string
}

/** A scene whose principals, policies and resources are names of the file. */
export type NamedScene = Readonly<Record<string, unknown>>
export type NamedDemand = Omit<SceneDemand, 'policy'> & { readonly policy?: string | null }
type Ask = NamedScene & { readonly sentence?: string; readonly expect: Expectation }
type Case = {
  readonly number: number
  readonly sentence: string
  readonly source: string
  readonly given: NamedScene
  readonly asks: readonly Ask[]
}
export type CaseFile = {
  readonly resources: Named<string>
  readonly policies: Named<Document>
  readonly cases: readonly Case[]
}

const folder = new URL('../cases/', import.meta.url)
const read = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8'))

export const principals: Named<Principal> = read('principals.json')

export const caseFiles: readonly (readonly [name: string, file: CaseFile])[] = readdirSync(folder)
  .filter((name) => name.endsWith('.json') && name !== 'principals.json')
  .map((name) => [name, read(name)] as const)

export function policyOf(file: CaseFile, name: string): Document {
  const policy = file.policies[name]
  if (policy === undefined) throw new Error(`no policy ${name}`)
  return policy
}
