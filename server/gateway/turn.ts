// All requests of one event-loop turn are handled together, stage by stage: the same code runs over
// all of them while it is still in the processor's caches, which about halves what a request costs.
import type { Exchange } from './exchange.ts'

export type Stages<Authenticated> = {
  /** Runs first, once for the turn; throwing refuses the whole turn. */
  begin(): void
  /** Answers nothing where it goes on later by itself. */
  authenticate(exchange: Exchange): Authenticated | undefined
  perform(exchange: Exchange, authenticated: Authenticated): void
  refuse(exchange: Exchange, error: unknown): void
}

/** Takes an exchange whose body is there; it is handled at the end of this turn. */
export function createTurn<Authenticated>(
  stages: Stages<Authenticated>,
): (exchange: Exchange) => void {
  let arrived: Exchange[] = []

  function run(): void {
    const exchanges = arrived
    arrived = []
    try {
      stages.begin()
    } catch (error) {
      for (const exchange of exchanges) stages.refuse(exchange, error)
      return
    }
    const authenticated = exchanges.map(authenticate)
    for (const [index, exchange] of exchanges.entries()) {
      const who = authenticated[index]
      if (who !== undefined) perform(exchange, who)
    }
  }

  function authenticate(exchange: Exchange): Authenticated | undefined {
    try {
      return stages.authenticate(exchange)
    } catch (error) {
      stages.refuse(exchange, error)
      return undefined
    }
  }

  function perform(exchange: Exchange, who: Authenticated): void {
    try {
      stages.perform(exchange, who)
    } catch (error) {
      stages.refuse(exchange, error)
    }
  }

  return (exchange) => {
    if (arrived.push(exchange) === 1) setImmediate(run)
  }
}
