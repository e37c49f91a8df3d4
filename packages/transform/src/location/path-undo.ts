import {
  type Endpoint,
  type Exchange,
  type PrefixMapping,
  type Route,
  upstreamTarget
} from '@gatewright/core'

/** How the paths of one request are turned round. */
export class PathUndo {
  readonly #exchange: Exchange
  readonly #route: Route
  readonly #endpoint: Endpoint

  constructor(exchange: Exchange, route: Route, endpoint: Endpoint) {
    this.#exchange = exchange
    this.#route = route
    this.#endpoint = endpoint
  }

  /** The path that the upstream has seen. */
  get seen(): string {
    try {
      return upstreamTarget(this.#exchange, this.#route, this.#endpoint, '').split('?')[0] as string
    } catch {
      return ''
    }
  }

  /** Whether client and upstream have the same paths. */
  get isNone(): boolean {
    return this.#route.rewrite === null && this.#endpoint.basePath === ''
  }

  /** The client's path for one of the upstream's; `null` where there is none. Never begins with two slashes. */
  path(upstream: string): string | null {
    const mapping = this.#mapping
    if (mapping !== null) {
      const rest = below(upstream, this.#endpoint.basePath + mapping.upstream)
      if (rest !== null) return (mapping.client + rest).replace(/^\/{2,}/, '/') || '/'
    }
    // A rewrite that cannot be turned round has made at least this one path.
    return upstream === this.seen ? this.#exchange.path : null
  }

  /**
   * `Path` of a cookie. One that is above all that the client can reach by the route becomes the root of what it can reach.
   */
  cookiePath(upstream: string): string | null {
    const mapping = this.#mapping
    if (mapping === null) return null
    const root = this.#endpoint.basePath + mapping.upstream
    const given = upstream.replace(/\/$/, '')
    const rest = below(given, root)
    if (rest === null) return below(root, given) === null ? null : mapping.client || '/'
    const path = mapping.client + (upstream.length > given.length && rest !== '' ? `${rest}/` : rest)
    return path.replace(/^\/{2,}/, '/') || '/'
  }

  get #mapping(): PrefixMapping | null {
    const { undo, rewrite } = this.#route
    const { path, params } = this.#exchange
    if (rewrite === null) return SAME
    return undo?.(path, params) ?? null
  }
}

const SAME = { upstream: '', client: '' }

// What stands behind a prefix of whole segments; `null` for a path that is not below it.
function below(path: string, prefix: string): string | null {
  if (!path.startsWith(prefix)) return null
  const rest = path.slice(prefix.length)
  return rest === '' || rest[0] === '/' ? rest : null
}
