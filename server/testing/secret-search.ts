// Searches bytes for secrets, in every form in which they get into files, rows and logs.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'

type Found = { readonly secret: string; readonly where: string; readonly form: string }

/** The forms in which bytes get into files. Base64 depends on where it begins: three of them. */
function formsOf(secret: Buffer): [string, Buffer][] {
  const base64 = [0, 1, 2].map((shift): [string, Buffer] => {
    const text = Buffer.concat([Buffer.alloc(shift), secret]).toString('base64')
    // Without the letters that its neighbours have a part in.
    const from = Math.ceil((shift * 8) / 6)
    return [`base64+${shift}`, Buffer.from(text.slice(from, -4))]
  })
  const hex = secret.toString('hex')
  return [
    ['raw', secret],
    ['hex', Buffer.from(hex)],
    ['HEX', Buffer.from(hex.toUpperCase())],
    ...base64,
  ]
}

/** Where secrets stand, in any form, besides `itsPlace`: the one file where a secret belongs. */
export function search(
  places: ReadonlyMap<string, Buffer>,
  secrets: ReadonlyMap<string, Buffer>,
  itsPlace: Readonly<Record<string, string>> = {},
): Found[] {
  const found: Found[] = []
  for (const [secret, bytes] of secrets) {
    // Shorter ones stand somewhere by chance.
    if (bytes.length < 16) throw new Error(`${secret} is too short to be searched for`)
    for (const [form, sought] of formsOf(bytes)) {
      for (const [where, content] of places) {
        if (content.includes(sought) && itsPlace[secret] !== where) {
          found.push({ secret, where, form })
        }
      }
    }
  }
  return found
}

/** Every file below the directory, by its name. */
export function filesIn(directory: string): Map<string, Buffer> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name))]),
  )
}

/** Every row of every table, as one file per table. */
export async function tablesIn(url: string): Promise<Map<string, Buffer>> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  const names = await sql`select tablename from pg_tables where schemaname = 'public'`
  const tables = new Map<string, Buffer>()
  for (const { tablename } of names) {
    const rows = await sql`select * from ${sql(tablename)}`
    const values = rows.flatMap((row) => Object.values(row))
    const parts = values.map((value) =>
      value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value)),
    )
    tables.set(`table ${tablename}`, Buffer.concat(parts))
  }
  await sql.end()
  return tables
}
