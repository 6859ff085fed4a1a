// keyhold serve --adopt-rows: rows from before MACs are believed because an operator said so, and the trail
// tells that, with how many there were.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CreateKeyCommand, DescribeKeyCommand, ListResourceTagsCommand } from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { newDirectory, run, startServer } from './server-program.ts'

const ONE = ['--workers', '1']

it('Rows without a MAC are refused, until an operator adopts them on the record', async () => {
  const directory = newDirectory()
  const { path } = directory
  let server = await startServer(path, ONE)
  try {
    const Tags = [{ TagKey: 'stage', TagValue: 'test' }]
    const { KeyMetadata } = await server.kms().send(new CreateKeyCommand({ Tags }))
    const KeyId = KeyMetadata?.KeyId
    await server.stop()
    const database = new DatabaseSync(join(path, 'keyhold.db'))
    for (const table of ['kms_keys', 'kms_tags']) database.exec(`update ${table} set mac = null`)
    database.close()

    server = await startServer(path, ONE)
    expect(server.log.map(({ msg }) => String(msg)).join()).toContain(
      'rows without a MAC are refused',
    )
    await expect(server.kms().send(new DescribeKeyCommand({ KeyId }))).rejects.toThrow()
    await server.stop()

    server = await startServer(path, [...ONE, '--adopt-rows'])
    const { KeyMetadata: found } = await server.kms().send(new DescribeKeyCommand({ KeyId }))
    expect(found?.KeyId).toBe(KeyId)
    const listed = await server.kms().send(new ListResourceTagsCommand({ KeyId }))
    expect(listed.Tags).toEqual(Tags)
    await server.stop()

    const trail = join(path, 'trail')
    const records = readdirSync(trail)
      .flatMap((file) => readFileSync(join(trail, file), 'utf8').split('\n'))
      .filter((line) => line.includes('"AdoptRows"'))
      .map((line) => JSON.parse(line))
    expect(records).toMatchObject([
      {
        eventName: 'AdoptRows',
        eventSource: 'operator.keyhold',
        userIdentity: { type: 'Operator' },
        sourceIPAddress: 'keyhold serve',
        readOnly: false,
        responseElements: {
          tables: [
            { table: 'kms_keys', rows: '1' },
            { table: 'kms_tags', rows: '1' },
          ],
        },
      },
    ])
    const verified = await run(['trail', 'verify', '--data', path, '--output', 'json'])
    expect(JSON.parse(verified.stdout)).toMatchObject({ valid: true, unchained: 0 })
  } finally {
    await server.kill()
    directory.remove()
  }
}, 90_000)
