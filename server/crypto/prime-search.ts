// RSA key pairs (FIPS 186-5 appendix A.1), whose primes take a processor for up to seconds. They are made one
// after the other, and no more are accepted than are made in bearable time.
import { primeThread, type RsaPairs } from './prime-thread.ts'

/** So much work waits already that another pair would wait for too long. */
export class PrimeSearchIsFull extends Error {
  constructor() {
    super('too many key pairs wait for their primes')
  }
}

/** Rises with the fourth power of the length: primes are rarer, and each test of one takes longer. */
export const workOf = (modulusBits: number) => (modulusBits / 1024) ** 4

/** Ten of 4096 bits, or a hundred and sixty of 2048: some ten seconds where nobody else wants the processor. */
const MAX_WAITING_WORK = 10 * workOf(4096)

/** Makes pairs by `thread`; throws `PrimeSearchIsFull` at once where more than `maxWaitingWork` would wait. */
export function primeSearch(thread: RsaPairs, maxWaitingWork: number): RsaPairs {
  const waiting: { readonly work: number; readonly begin: () => void }[] = []
  let waitingWork = 0
  let isSearching = false

  async function turn(work: number): Promise<void> {
    if (!isSearching) {
      isSearching = true
      return
    }
    if (waitingWork + work > maxWaitingWork) throw new PrimeSearchIsFull()
    waitingWork += work
    await new Promise<void>((begin) => waiting.push({ work, begin }))
  }

  /** Whoever waits longest takes over. */
  function next(): void {
    const first = waiting.shift()
    if (first === undefined) {
      isSearching = false
      return
    }
    waitingWork -= first.work
    first.begin()
  }

  return {
    async make(modulusBits) {
      await turn(workOf(modulusBits))
      try {
        return await thread.make(modulusBits)
      } finally {
        next()
      }
    },
  }
}

/** Those of this process; throws `PrimeSearchIsFull` where too many are wanted. */
export const rsaPairs = primeSearch(primeThread(), MAX_WAITING_WORK)
