// The file of results: an introduction, and a chapter for each suite. A run replaces its own alone.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const INTRODUCTION =
  '# Benchmark results\n\nMade by `npm run bench`, a chapter by each suite. Compare ratios, never numbers of different runs.\n'

/** Writes the chapter, whose first line is its heading, in the place of what had that heading. */
export function writeChapter(file: string, chapter: string): void {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const headingOf = (text: string) => text.slice(0, text.indexOf('\n'))
  const kept = before
    .split(/^(?=# )/m)
    .slice(1)
    .map((text) => text.trim())
  const at = kept.findIndex((text) => headingOf(text) === headingOf(chapter))
  kept.splice(at === -1 ? kept.length : at, 1, chapter.trim())
  writeFileSync(file, `${[INTRODUCTION.trim(), ...kept].join('\n\n')}\n`)
}
