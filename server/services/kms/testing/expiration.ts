// Lets the dates of imported material be past, as time would.
import { join } from 'node:path'
import { readRootKeyFile } from '../../../seal/file-seal.ts'
import type { TestServer } from '../../../testing/test-server.ts'
import { importedMaterialRowMacs } from '../material/imported-material-store.ts'
import type { KmsTables } from '../tables.ts'
import { alterKey, type StoredKey } from './stored-key.ts'

/** Every material of the key that expires at all has expired a second ago; in its Region alone. */
export async function passExpiration(server: TestServer, key: StoredKey): Promise<void> {
  const region = key.arn.split(':').at(3) as string
  const passed = { expires_at_ms: Date.now() - 1000 }
  const root = readRootKeyFile(join(server.directory, 'root.key'))
  const tables = server.storage.read.$extendTables<KmsTables>()
  const rows = await tables
    .selectFrom('kms_imported_materials')
    .selectAll()
    .where('region', '=', region)
    .where('key_id', '=', key.id)
    .where('expires_at_ms', 'is not', null)
    .execute()
  await server.storage.write(async (tx) => {
    for (const row of rows) {
      await tx.db
        .$extendTables<KmsTables>()
        .updateTable('kms_imported_materials')
        .set({ ...passed, mac: importedMaterialRowMacs(root).of({ ...row, ...passed }) })
        .where('region', '=', region)
        .where('key_id', '=', key.id)
        .where('material_id', '=', row.material_id)
        .execute()
    }
  })
  const { expires_at_ms } = await tables
    .selectFrom('kms_keys')
    .select('expires_at_ms')
    .where('region', '=', region)
    .where('key_id', '=', key.id)
    .executeTakeFirstOrThrow()
  if (expires_at_ms !== null) await alterKey(server, key, passed)
}
