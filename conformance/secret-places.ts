// Searches files and other texts for secrets, in every form in which bytes get into them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where the bytes stand among the texts: every form in which they could be written. */
export function placesOf(secret: Buffer, texts: ReadonlyMap<string, Buffer>): string[] {
  const forms = [secret, Buffer.from(secret.toString('hex'))]
  for (const shift of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(shift), secret]).toString('base64')
    forms.push(Buffer.from(text.slice(Math.ceil((shift * 8) / 6), -4)))
  }
  return [...texts]
    .filter(([, text]) => forms.some((form) => text.includes(form)))
    .map(([at]) => at)
}

/** Every file below the place, by its name. */
export function filesBelow(place: string): Map<string, Buffer> {
  const entries = readdirSync(place, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return new Map(
    files.map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name))] as const),
  )
}
