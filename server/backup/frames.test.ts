import fc from 'fast-check'
import { expect, it } from 'vitest'
import { encodeFrame, type Frame, framesOf } from './frames.ts'

const value = fc.oneof(
  fc.constant(null),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }),
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
)
const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ kind: fc.constant('row' as const), values: fc.array(value) }),
  fc.record({
    kind: fc.constant('table' as const),
    table: fc.string(),
    columns: fc.array(fc.string()),
  }),
  fc.record({ kind: fc.constant('contents' as const), migrations: fc.array(fc.string()) }),
  fc.record({ kind: fc.constant('end' as const), rows: fc.nat() }),
)

async function* inPieces(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

async function all(pieces: AsyncIterable<Buffer>): Promise<Frame[]> {
  const frames: Frame[] = []
  for await (const next of framesOf(pieces)) frames.push(next)
  return frames
}

it('frames are read as they were written, however the bytes come', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(frame), fc.integer({ min: 1, max: 500 }), async (frames, length) => {
      const bytes = Buffer.concat(frames.map(encodeFrame))
      expect(await all(inPieces(bytes, length))).toEqual(frames)
    }),
  )
})

it('a frame larger than any piece is put together', async () => {
  const big: Frame = { kind: 'row', values: ['x'.repeat(3_000_000), Buffer.alloc(2_000_000, 7)] }
  expect(await all(inPieces(encodeFrame(big), 65_536))).toEqual([big])
})

it('bytes that end within a frame are refused', async () => {
  const bytes = encodeFrame({ kind: 'row', values: [1, 'two'] })
  for (let length = 1; length < bytes.length; length++) {
    await expect(all(inPieces(bytes.subarray(0, length), 7))).rejects.toThrow(
      'it ends within a row',
    )
  }
})

it('a kind of frame that this release does not know is refused', async () => {
  const bytes = encodeFrame({ kind: 'end', rows: 0 })
  bytes.writeUInt8(9, 4)
  await expect(all(inPieces(bytes, 100))).rejects.toThrow('a newer release made it')
})
