import type { GatewayServerConfig } from '@gatewright/gateway'
import { hoisted } from './hoist.js'
import type { Migration, MigrationNote, NoteKind, Place } from './migration.js'

/** A part of a configuration while it is put together. */
export type Options = Record<string, unknown>

/** A configuration while it is put together, and the notes about it. */
export class Draft {
  /** Keys of the top level besides pools, policies and routes. */
  readonly top: Options = {}
  readonly pools: Record<string, Options> = {}
  readonly policies: Record<string, Options> = {}
  readonly schemes: Record<string, Options> = {}
  readonly #routes: { readonly options: Options; readonly place: Place }[] = []
  readonly #notes = new Map<string, MigrationNote>()
  readonly #ids = new Set<string>()

  /** Tells what became of a statement; the same is told once. */
  note(kind: NoteKind, { file, line }: Place, what: string, message: string): void {
    this.#notes.set([kind, file, line, what, message].join('\n'), { kind, file, line, what, message })
  }

  /** Adds a route. Its id is made different from those of others. */
  route(place: Place, options: Options): void {
    this.#routes.push({ place, options: { ...options, id: this.#free(String(options.id)) } })
  }

  get routes(): readonly Options[] {
    return this.#routes.map(({ options }) => options)
  }

  finish(): Migration {
    const { top, pools, policies, schemes } = this
    const routes = hoisted(this.routes, policies)
    const parts: Options = { ...top }
    if (Object.keys(schemes).length > 0) parts.authentication = { schemes, ...(top.authentication ?? {}) }
    if (Object.keys(pools).length > 0) parts.pools = pools
    const used = new Set(routes.flatMap(({ use }) => (use as string[] | undefined) ?? []))
    const kept = Object.entries(policies).filter(([name]) => used.has(name))
    if (kept.length > 0) parts.policies = Object.fromEntries(kept)
    parts.routes = routes.map(inOrder(ROUTE_ORDER))
    return {
      config: inOrder(TOP_ORDER)(parts) as GatewayServerConfig,
      notes: [...this.#notes.values()].sort(byPlace),
      routePlaces: this.#routes.map(({ place }) => place)
    }
  }

  #free(wanted: string): string {
    let id = wanted
    for (let number = 2; this.#ids.has(id); number++) id = `${wanted} (${number})`
    this.#ids.add(id)
    return id
  }
}

const TOP_ORDER = [
  'listen',
  'server',
  'trustedProxies',
  'paths',
  'underscores',
  'compression',
  'authentication',
  'pools',
  'policies',
  'routes'
]
const ROUTE_ORDER = [
  'id',
  'host',
  'path',
  'methods',
  'headers',
  'query',
  'priority',
  'caseSensitive',
  'trailingSlash',
  'pool',
  'use'
]

// As somebody would write it.
function inOrder(order: readonly string[]): (options: Options) => Options {
  return (options) => {
    const keys = [
      ...order.filter((key) => key in options),
      ...Object.keys(options).filter((key) => !order.includes(key))
    ]
    return Object.fromEntries(keys.map((key) => [key, options[key]]))
  }
}

function byPlace(a: MigrationNote, b: MigrationNote): number {
  return a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1
}

/** A scheme of API keys that nobody has: the hash is that of no known key. */
export function keysOfNobody(from: readonly Options[]): Options {
  return { type: 'apiKey', from, forward: true, keys: [{ id: 'nobody', hash: '0'.repeat(64) }] }
}

/** A scheme of passwords that nobody knows. */
export function usersOfNobody(): Options {
  const hash = `$scrypt$ln=15,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`
  return { type: 'basic', forward: true, users: { nobody: hash } }
}

/** A route option that refuses every request with 403. */
export const CLOSED: Options = { respond: { status: 403, body: 'closed by gatewright migrate' } }
