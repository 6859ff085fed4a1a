import { chmodSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { OperatorError, type Place, readPlace } from '../config.ts'
import { makeSeal, putSeal, type SealChoice } from '../operator/seal-control.ts'
import { newRootKey } from '../seal/file-seal.ts'
import { unsealHere } from './unseal-here.ts'

const root = newRootKey()

async function sealed(choice: SealChoice): Promise<{ place: Place; shares: readonly string[] }> {
  const directory = mkdtempSync(join(tmpdir(), 'keyhold-unseal-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const place = readPlace({ data: directory })
  const seal = await makeSeal(root, choice)
  putSeal(place, root, seal)
  return { place, shares: seal.shares }
}

/** A descriptor on which this text stands. */
function descriptorOf(place: Place, text: string): number {
  const file = join(place.directory, 'secret')
  writeFileSync(file, text)
  return openSync(file, 'r')
}

const passphrase = () => Buffer.from('correct horse battery staple')

it('the root key in a file is there without more', async () => {
  const { place } = await sealed({ kind: 'file' })
  expect((await unsealHere(place, undefined)).id).toBe(root.id)
})

it('a root key that others may read is refused in a sentence', async () => {
  const { place } = await sealed({ kind: 'file' })
  chmodSync(place.rootKeyFile, 0o640)
  const refused = unsealHere(place, undefined)
  await expect(refused).rejects.toThrow(/root.key cannot be used: .*readable by its owner/)
  await expect(refused).rejects.toBeInstanceOf(OperatorError)
})

it('the passphrase comes from the descriptor', async () => {
  const { place } = await sealed({ kind: 'passphrase', passphrase: passphrase() })
  await expect(unsealHere(place, undefined)).rejects.toThrow('give it with --passphrase-fd')
  await expect(unsealHere(place, descriptorOf(place, 'another one, quite wrong'))).rejects.toThrow(
    'The passphrase is not the right one.',
  )
  expect((await unsealHere(place, descriptorOf(place, `${passphrase()}\n`))).id).toBe(root.id)
})

it('the shares come from the descriptor, one on each line', async () => {
  const { place, shares } = await sealed({ kind: 'shares', shares: 5, threshold: 3 })
  await expect(unsealHere(place, undefined)).rejects.toThrow('give 3 of them, one on each line')
  const few = descriptorOf(place, shares.slice(0, 2).join('\n'))
  await expect(unsealHere(place, few)).rejects.toThrow('2 shares were given, and it takes 3.')
  const enough = descriptorOf(place, `${shares.slice(1, 4).join('\n\n')}\n`)
  expect((await unsealHere(place, enough)).id).toBe(root.id)
})
