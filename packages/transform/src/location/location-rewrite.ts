import { clientOrigin, type Endpoint, type Exchange, type Route } from '@gatewright/core'
import { PathUndo } from './path-undo.js'
import { type Reference, readReference, withPort } from './reference.js'

/** How URLs of upstreams are turned into those of clients. */
export interface LocationSettings {
  /** Further hosts of the upstream, in lower case: with a port, or for any. */
  readonly hosts: ReadonlySet<string>
  /** Whether the upstream writes its own paths. */
  readonly undoes: boolean
}

/** Turns the URLs of one answer into those of the client. */
export class LocationRewrite {
  readonly #settings: LocationSettings
  readonly #exchange: Exchange
  readonly #route: Route
  readonly #endpoint: Endpoint
  readonly #undo: PathUndo

  constructor(settings: LocationSettings, exchange: Exchange, route: Route, endpoint: Endpoint) {
    this.#settings = settings
    this.#exchange = exchange
    this.#route = route
    this.#endpoint = endpoint
    this.#undo = new PathUndo(exchange, route, endpoint)
  }

  /** A URL as the client can ask it; the same where it is another's, or cannot be read in one way only. */
  url(text: string): string {
    const reference = readReference(text)
    if (reference === null) return text
    if (reference.authority === '') return this.#relative(reference, text)
    const origin = clientOrigin(this.#exchange.ingress)
    const whose = this.#whose(reference, origin)
    if (whose === 'another') return text
    const path = this.#path(reference.path || '/') ?? (reference.path || '/')
    const tail = path + reference.rest
    if (origin === '') return tail
    if (reference.scheme === '') return origin.slice(origin.indexOf('//')) + tail
    // A client that is sent from HTTP to HTTPS must not be sent back.
    if (whose === 'client' && reference.scheme === 'https' && origin.startsWith('http:'))
      return `https:${origin.slice('http:'.length)}${tail}`
    return origin + tail
  }

  /** `Refresh`: seconds, and maybe a URL. */
  refresh(text: string): string {
    const match = REFRESH.exec(text)
    if (match === null) return text
    const [, before = '', quote = '', url = ''] = match
    return before + quote + this.url(url) + quote
  }

  #path(path: string): string | null {
    return this.#settings.undoes ? this.#undo.path(path) : path
  }

  #relative({ path, rest }: Reference, text: string): string {
    if (path === '' || !this.#settings.undoes || this.#undo.isNone) return text
    if (path[0] === '/') return (this.#undo.path(path) ?? path) + rest
    // What it means at the upstream; where it means that for the client too, it stays relative.
    const { seen } = this.#undo
    if (seen === '') return text
    const there = this.#undo.path(resolved(path, seen))
    return there === null || there === resolved(path, this.#exchange.path) ? text : there + rest
  }

  // What a transform has put into `Host` is how the upstream calls itself.
  get #hostSent(): string {
    let host = ''
    for (const edit of this.#route.pipeline.requestEdits) host = edit.host?.(this.#exchange) || host
    return host
  }

  #whose({ scheme, authority }: Reference, origin: string): 'upstream' | 'client' | 'another' {
    const { hosts } = this.#settings
    const { origin: own, host } = this.#endpoint
    const ownScheme = own.startsWith('https:') ? 'https' : 'http'
    const asked = withPort(authority, scheme || ownScheme)
    if (asked === withPort(own.slice(own.indexOf('//') + 2), ownScheme)) return 'upstream'
    if (asked === withPort(host, ownScheme) || asked === withPort(this.#hostSent, ownScheme))
      return 'upstream'
    if (hosts.has(authority) || hosts.has(asked) || hosts.has(authority.replace(/:\d+$/, '')))
      return 'upstream'
    if (origin === '') return 'another'
    const clients = origin.slice(origin.indexOf('//') + 2)
    const clientScheme = origin.startsWith('https:') ? 'https' : 'http'
    if (withPort(authority, scheme || clientScheme) === withPort(clients, clientScheme)) return 'client'
    // The upstream knows the host, but not that the client speaks TLS; or it sends the client there.
    return authority === clients.toLowerCase() ? 'client' : 'another'
  }
}

const REFRESH = /^([\d.]+[\t ]*[;,][\t ]*(?:url[\t ]*=[\t ]*)?)(["']?)([^"']*)\2$/i

function resolved(path: string, base: string): string {
  return new URL(path, `http://upstream.invalid${base}`).pathname
}
