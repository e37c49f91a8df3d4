import type { Exchange } from '@gatewright/gateway'
import type { StartedGateway } from './start-gateway.js'

/** The exchanges of a gateway that are over; made by {@link watchExchanges}. */
export interface ClosedExchanges {
  /** In the order in which they ended. */
  readonly all: readonly Exchange[]
  /** The `n`th one from 1, as soon as it is over. */
  nth(n: number): Promise<Exchange>
}

/** Notes every exchange from now on, as an access log does. */
export function watchExchanges({ gateway }: Pick<StartedGateway, 'gateway'>): ClosedExchanges {
  const all: Exchange[] = []
  const awaited: { readonly n: number; readonly resolve: (exchange: Exchange) => void }[] = []
  gateway.app.gateway.observe({
    closed(exchange) {
      const n = all.push(exchange)
      for (const one of awaited) if (one.n === n) one.resolve(exchange)
    }
  })
  return {
    all,
    nth(n) {
      const ended = all[n - 1]
      return ended === undefined
        ? new Promise((resolve) => awaited.push({ n, resolve }))
        : Promise.resolve(ended)
    }
  }
}
