import type { Exchange } from '@gatewright/core'

const PUNCTUATION = /[^a-z0-9]/g

/**
 * Drops a client's copies of fields that a filter speaks for, in every spelling that an upstream could take for them. What the
 * gateway has set stays. Dropped fields are added to `written`.
 */
export function dropForged(exchange: Exchange, writes: ReadonlySet<string>, written: Set<string>): void {
  const { headers } = exchange.ingress
  for (let i = 0; i < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase()
    if (exchange.upstreamHeaders?.has(name)) continue
    if (writes.has(name) || writes.has(name.replaceAll(PUNCTUATION, '-'))) {
      exchange.dropHeader(name)
      written.add(name)
    }
  }
}
