import type { EndpointOptions, PoolConfig } from '@gatewright/core'

/** An endpoint that is listed, in its long form, and where it stands. */
export interface EndpointView {
  readonly url: string
  readonly config: EndpointOptions
  /** `pools.users.endpoints[0]`. */
  readonly path: string
}

/** A pool, and where it stands. */
export class PoolView {
  readonly id: string
  /** `pools.users`. */
  readonly path: string
  readonly config: PoolConfig
  readonly endpoints: readonly EndpointView[]

  constructor(id: string, config: PoolConfig) {
    this.id = id
    this.path = `pools.${id}`
    this.config = config
    this.endpoints = (config.endpoints ?? []).map((endpoint, index) => {
      const long = typeof endpoint === 'string' ? { url: endpoint } : endpoint
      return { url: long.url, config: long, path: `pools.${id}.endpoints[${index}]` }
    })
  }

  /** Whether it may have endpoints that are not listed. */
  get isDiscovered(): boolean {
    return this.config.discovery !== undefined
  }
}
