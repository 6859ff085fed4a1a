// The file that --nitro-root names, and what is said where it is of no use.
import { rmSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { authority, pemOf, signer } from './crypto/testing/certificates.ts'
import { readNitroRoots } from './nitro-roots.ts'
import { OperatorError } from './operator-error.ts'
import { rootFile } from './services/kms/testing/attestation.ts'

const root = authority('root')
const { path, remove } = rootFile(root)

it('without a file there are no roots, and then no document is believed', () => {
  expect(readNitroRoots(undefined)).toEqual([])
})

it('a file has one root or several', () => {
  expect(readNitroRoots(path).map(({ der }) => der)).toEqual([root.certificate])
  writeFileSync(path, pemOf(root) + pemOf(authority('second')))
  expect(readNitroRoots(path)).toHaveLength(2)
})

it('a server does not start with a file that is of no use', () => {
  const told = (text: string) => {
    writeFileSync(path, text)
    return expect(() => readNitroRoots(path))
  }
  told('').toThrow(`--nitro-root ${path}: it holds no certificate in PEM`)
  told(pemOf(root) + pemOf(signer(root))).toThrow(`--nitro-root ${path}: certificate 2 is no`)
  told('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----').toThrow(OperatorError)
  rmSync(path)
  expect(() => readNitroRoots(path)).toThrow(OperatorError)
  remove()
})
