// Wildcard matching without regular expressions: `*` is any text, `?` is one UTF-16 unit [N].
// The pattern is cut at its stars; what stands between two stars is found leftmost by Knuth, Morris
// and Pratt, so a match costs the length of the text. Only a piece with `?` inside is compared place
// by place, and every comparison spends steps.
import type { LiteralPattern } from './pattern.ts'
import type { Steps } from './steps.ts'
import { spend } from './steps.ts'

/** Whether a text matches; spends the steps of the match. */
export type Glob = (text: string, steps: Steps) => boolean

/** A piece between stars. A hole is a `?`: its place in `text` holds a space that is not compared. */
type Piece = { readonly text: string; readonly holes: ReadonlySet<number> | undefined }

/** Compiles a pattern once; the result is immutable and can be shared. */
export function compileGlob(pattern: LiteralPattern): Glob {
  const pieces = piecesOf(pattern)
  const head = pieces[0]
  if (head === undefined) return (text) => text === ''
  if (pieces.length === 1) return exact(head)
  const tail = pieces[pieces.length - 1] ?? head
  const middles = pieces.slice(1, -1).filter((piece) => piece.text.length > 0)
  if (middles.length === 0) return between(head, tail)
  const finders = middles.map(finderOf)
  const least = pieces.reduce((sum, piece) => sum + piece.text.length, 0)
  return (text, steps) => {
    spend(steps, 1 + head.text.length + tail.text.length)
    const end = text.length - tail.text.length
    if (text.length < least || !holds(head, text, 0) || !holds(tail, text, end)) return false
    let at = head.text.length
    for (const find of finders) {
      at = find(text, at, end, steps)
      if (at < 0) return false
    }
    return true
  }
}

function piecesOf(pattern: LiteralPattern): Piece[] {
  const pieces: Piece[] = []
  let text = ''
  let holes: Set<number> | undefined
  for (const token of pattern) {
    if (token.kind === 'text') {
      text += token.text
    } else if (token.kind === 'any') {
      holes ??= new Set()
      holes.add(text.length)
      text += ' '
    } else {
      pieces.push({ text, holes })
      text = ''
      holes = undefined
    }
  }
  return [...pieces, { text, holes }]
}

function exact(piece: Piece): Glob {
  return (text, steps) => {
    spend(steps, 1 + piece.text.length)
    return text.length === piece.text.length && holds(piece, text, 0)
  }
}

function between(head: Piece, tail: Piece): Glob {
  const cost = 1 + head.text.length + tail.text.length
  return (text, steps) => {
    spend(steps, cost)
    return (
      text.length >= cost - 1 &&
      holds(head, text, 0) &&
      holds(tail, text, text.length - tail.text.length)
    )
  }
}

/** Whether the piece stands at a place of the text; the caller has seen that it fits. */
function holds(piece: Piece, text: string, at: number): boolean {
  if (piece.holes === undefined) return text.startsWith(piece.text, at)
  for (let index = 0; index < piece.text.length; index++) {
    if (piece.holes.has(index)) continue
    if (piece.text.charCodeAt(index) !== text.charCodeAt(at + index)) return false
  }
  return true
}

/** Finds a piece between two places: answers the place after it, or -1. */
type Finder = (text: string, from: number, end: number, steps: Steps) => number

function finderOf(piece: Piece): Finder {
  return piece.holes === undefined ? findText(piece.text) : findWithHoles(piece)
}

function findText(wanted: string): Finder {
  const borders = bordersOf(wanted)
  return (text, from, end, steps) => {
    let matched = 0
    for (let at = from; at < end; at++) {
      const code = text.charCodeAt(at)
      while (matched > 0 && wanted.charCodeAt(matched) !== code) matched = borders[matched - 1] ?? 0
      if (wanted.charCodeAt(matched) === code) matched++
      if (matched === wanted.length) {
        spend(steps, 2 * (at + 1 - from))
        return at + 1
      }
    }
    spend(steps, 2 * Math.max(0, end - from))
    return -1
  }
}

/** For each prefix the length of its longest proper border (the KMP failure function). */
function bordersOf(wanted: string): readonly number[] {
  const borders = [0]
  let matched = 0
  for (let at = 1; at < wanted.length; at++) {
    const code = wanted.charCodeAt(at)
    while (matched > 0 && wanted.charCodeAt(matched) !== code) matched = borders[matched - 1] ?? 0
    if (wanted.charCodeAt(matched) === code) matched++
    borders.push(matched)
  }
  return borders
}

function findWithHoles(piece: Piece): Finder {
  return (text, from, end, steps) => {
    for (let at = from; at + piece.text.length <= end; at++) {
      spend(steps, piece.text.length)
      if (holds(piece, text, at)) return at + piece.text.length
    }
    return -1
  }
}
