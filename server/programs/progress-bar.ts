// How far a program is, for a person who is looking; nothing where nobody is.

const WIDTH = 30
const EVERY_MS = 100

/** What is returned draws how much of `total` is done; the bar goes when all of it is. */
export function progressBar(total: number): (done: number) => void {
  const { stderr } = process
  if (!stderr.isTTY) return () => {}
  let drawnAtMs = 0
  return (done) => {
    if (done >= total) {
      stderr.write('\r\x1b[K')
      return
    }
    const nowMs = performance.now()
    if (nowMs - drawnAtMs < EVERY_MS) return
    drawnAtMs = nowMs
    const share = done / total
    const bar = '█'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '░')
    stderr.write(`\r${bar} ${Math.floor(share * 100)} %`)
  }
}
