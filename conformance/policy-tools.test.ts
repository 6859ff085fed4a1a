// keyhold policy generate and lint, as a person uses them: no server, files and pipes.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { KEYHOLD, newDirectory, run } from './server-program.ts'

const policy = (...args: string[]) => run(['policy', ...args], KEYHOLD)
const ACCOUNT = ['--account', '111122223333']
const CI = 'arn:aws:iam::111122223333:user/ci'
const APP = 'arn:aws:iam::111122223333:role/appA'

function file(text: string): string {
  const { path, remove } = newDirectory()
  onTestFinished(remove)
  const name = join(path, 'policy.json')
  writeFileSync(name, text)
  return name
}

describe('keyhold policy', () => {
  it('generates what lint finds nothing wrong with', async () => {
    for (const args of [
      ['default', ...ACCOUNT],
      ['narrower', '--principal', CI, APP],
      ['least-privilege', ...ACCOUNT, '--administer-resource', CI, '--style', 'deny-everyone-else'],
    ]) {
      const made = await policy('generate', ...args)
      expect([made.code, made.stderr]).toEqual([0, ''])
      const linted = await policy('lint', file(made.stdout), ...ACCOUNT)
      expect([args, linted.code, linted.stderr]).toEqual([args, 0, ''])
    }
  })

  it('says what is wrong, as text and as JSON, and exits with 1', async () => {
    const open = file(
      '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}}',
    )
    const text = await policy('lint', open, ...ACCOUNT)
    expect(text.code).toBe(1)
    expect(text.stdout).toMatch(/^wrong {5}Statement\[0\]: Principal "\*"/m)
    const json = await policy('lint', open, ...ACCOUNT, '--output', 'json')
    expect(JSON.parse(json.stdout).findings).toContainEqual(
      expect.objectContaining({ severity: 'wrong', where: 'Statement[0]' }),
    )
  })

  it.each([
    [['lint', '/nowhere/policy.json', ...ACCOUNT], /cannot be read/],
    [['lint', '-', '--account', '1'], /twelve digits/],
    [['generate', 'narrower', '--principal', 'appA'], /names no principal/],
    [['generate', 'least-privilege', ...ACCOUNT], /Nobody is listed/],
    [['generate', 'least-privilege', ...ACCOUNT, '--custom', CI], /belong together/],
    [
      ['generate', 'least-privilege', ...ACCOUNT, '--custom', CI, '--custom-actions', 's3:Get'],
      /no action of KMS/,
    ],
  ])('refuses in one sentence: %j', async (args, sentence) => {
    const { code, stdout, stderr } = await run(['policy', ...args])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(sentence)
    expect(stderr).not.toMatch(/\n\s+at /)
  })
})
