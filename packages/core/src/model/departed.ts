import type { Endpoint } from './endpoint.js'

const MOST = 1_000

/** Endpoints that left a pool recently, so that health and manual weights apply again if they return. */
export class Departed {
  readonly #left = new Map<string, { readonly endpoint: Endpoint; readonly draining: boolean }>()

  /** It gets no new requests from now on; those of an earlier configuration that has it (`drains: false`) still do. */
  add(endpoint: Endpoint, drains = true): void {
    this.#left.set(keyOf(endpoint.url, endpoint.host), { endpoint, draining: endpoint.draining })
    if (drains) endpoint.draining = true
    if (this.#left.size > MOST) this.#left.delete(this.#left.keys().next().value as string)
  }

  /** The endpoint with this normalised URL and host if it is remembered; it stays away for now. */
  find(url: string, host: string): Endpoint | null {
    return this.#left.get(keyOf(url, host))?.endpoint ?? null
  }

  /** The endpoint with this normalised URL and host if it is remembered, as it was; it has not left any more. */
  take(url: string, host: string): Endpoint | null {
    const key = keyOf(url, host)
    const found = this.#left.get(key)
    if (found === undefined) return null
    this.#left.delete(key)
    found.endpoint.draining = found.draining
    return found.endpoint
  }
}

// Under another name it may be another server.
function keyOf(url: string, host: string): string {
  return `${host} ${url}`
}
