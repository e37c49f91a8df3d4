import type { InSteps } from '@gatewright/core'
import { type Group, groupOf } from './group.js'
import { addTo } from './group-by.js'
import type { Variant } from './variant.js'

/** The longest name that DNS has; no longer one is looked up among wildcards. */
const MAX_HOST = 253

/** Groups routes by their hosts, in steps. */
export function* hostsOf(variants: readonly Variant[]): InSteps<Hosts> {
  const byHost = new Map<string, Variant[]>()
  for (const variant of variants) {
    yield
    const { hosts } = variant.match
    for (const host of hosts.length === 0 ? [''] : new Set(hosts)) addTo(byHost, host, variant)
  }
  const groups: Group[] = []
  for (const [host, own] of byHost) {
    yield
    groups.push(yield* groupOf(host, own))
  }
  return new Hosts(groups)
}

/** The groups of a table by host. */
export class Hosts {
  /** Exact hosts, wildcards, any host; each in the order of the configuration. */
  readonly groups: readonly Group[]
  readonly #exact = new Map<string, Group>()
  /** By `.example.com`. */
  readonly #wildcards = new Map<string, Group>()
  readonly #any: Group | null

  constructor(groups: readonly Group[]) {
    for (const group of groups) {
      const { host } = group
      if (host.startsWith('*')) this.#wildcards.set(host.slice(1), group)
      else this.#exact.set(host, group)
    }
    // A request without a host is one of any host, and so are the routes that name none.
    this.#any = this.#exact.get('') ?? null
    this.#exact.delete('')
    for (const [host, group] of this.#exact) group.next = this.#wildcardOf(host)
    for (const [suffix, group] of this.#wildcards) group.next = this.#wildcardOf(suffix.slice(1))
    this.groups = [
      ...this.#exact.values(),
      ...this.#wildcards.values(),
      ...(this.#any === null ? [] : [this.#any])
    ]
  }

  /** The most specific group for a host; the others follow by `next`. */
  of(host: string): Group | null {
    return this.#exact.get(host) ?? this.#wildcardOf(host)
  }

  // The longest wildcard that matches the host, or the routes for any host.
  #wildcardOf(host: string): Group | null {
    if (this.#wildcards.size > 0 && host.length <= MAX_HOST)
      for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
        const group = this.#wildcards.get(host.slice(dot))
        if (group !== undefined) return group
      }
    return this.#any
  }
}
