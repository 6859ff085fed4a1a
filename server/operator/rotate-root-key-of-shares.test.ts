// A new root key on a server whose seal takes shares: those who have them open it once more for that.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readPlace } from '../config.ts'
import { beginUnsealing } from '../installation.ts'
import { type OperatedServer, operatedServer } from '../testing/operated-server.ts'

describe('A server sealed by shares', () => {
  let server: OperatedServer
  beforeAll(async () => {
    server = await operatedServer({ seal: 'shares' })
    for (const Share of server.shares.slice(0, 3)) await server.operator('Unseal', { Share })
    await server.serving
  })
  afterAll(() => server.close())
  const open = (input: object) => server.operator('OpenSeal', input)
  const sealFile = () => JSON.parse(readFileSync(join(server.directory, 'seal.json'), 'utf8'))

  it('has its root key rotated by those who have the shares, and by nobody else', async () => {
    const unasked = await server.operator('RotateRootKey')
    expect([unasked.status, unasked.body.__type]).toEqual([400, 'InvalidSealException'])
    expect((await open({})).body).toMatchObject({ Sealed: true, Given: 0, Needed: 3 })
    expect((await open({ Share: server.shares[4] })).body).toMatchObject({ Given: 1 })
    expect((await open({ Share: server.shares[4] })).body.message).toContain('given already')
    const early = await server.operator('RotateRootKey')
    expect(early.body.message).toContain('opened once more')
    expect((await open({ Share: server.shares[2] })).body).toMatchObject({ Given: 2 })
    expect((await open({ Share: server.shares[0] })).body).toMatchObject({ Sealed: false })
    const before = sealFile()
    const { status, body } = await server.operator('RotateRootKey')
    expect(status).toBe(200)
    const { rootKeyId, wrapped, ...rest } = before
    expect(sealFile()).toEqual({ ...rest, rootKeyId: body.RootKeyId, wrapped: expect.any(String) })
    expect(sealFile().wrapped).not.toBe(wrapped)
    const old = JSON.parse(readFileSync(String(body.OldSeal), 'utf8'))
    expect([old, old.rootKeyId]).toEqual([before, rootKeyId])
    // Once more takes the shares once more.
    expect((await server.operator('RotateRootKey')).status).toBe(400)
  })

  it('is unsealed by the same shares afterwards', async () => {
    const unsealing = beginUnsealing(readPlace({ data: server.directory }))
    for (const share of server.shares.slice(1, 4)) {
      await unsealing.offer({ kind: 'share', text: Buffer.from(share) })
    }
    const { id } = await unsealing.rootKey
    expect((await server.operator('GetSealStatus')).body.RootKeyId).toBe(id)
  })

  it('forgets the shares given so far when told, and when the seal becomes another one', async () => {
    await open({ Share: server.shares[0] })
    expect((await open({ Reset: true })).body).toMatchObject({ Given: 0 })
    await open({ Share: server.shares[0] })
    await server.operator('MigrateSeal', {
      Kind: 'passphrase',
      Passphrase: 'six random words or so',
    })
    expect((await open({})).body).toMatchObject({ Kind: 'passphrase', Sealed: true })
    const wrong = await open({ Passphrase: 'another one' })
    expect([wrong.status, wrong.body.__type]).toEqual([400, 'UnsealFailedException'])
    expect((await open({ Passphrase: 'six random words or so' })).body.Sealed).toBe(false)
    expect((await server.operator('RotateRootKey')).status).toBe(200)
  })
})
