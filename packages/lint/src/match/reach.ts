import type { RouteConfig } from '@gatewright/core'
import { covers, overlaps, type PathPattern, readPath } from './path-pattern.js'

/** Which requests are meant: those of a route, or those that something is said about. */
export interface Reach {
  readonly path: PathPattern
  /** In lower case; none for all. */
  readonly hosts: readonly string[]
  /** `null` for all. */
  readonly methods: ReadonlySet<string> | null
  /** Conditions on headers and query: with them, not every request is taken. */
  readonly conditions: number
}

/** The requests that a route takes. */
export function reachOf({
  path,
  host,
  methods,
  headers,
  query,
  caseSensitive,
  trailingSlash
}: RouteConfig): Reach {
  const hosts = [host ?? []].flat().map((one) => one.toLowerCase().replace(/\.$/, ''))
  return {
    path: readPath(path, { caseSensitive, trailingSlash }),
    hosts: hosts.includes('*') ? [] : hosts,
    methods: methods === undefined ? null : new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods),
    conditions: Object.keys(headers ?? {}).length + Object.keys(query ?? {}).length
  }
}

/** Whether some request is in both. */
export function reachesOverlap(a: Reach, b: Reach): boolean {
  return overlaps(a.path, b.path) && hostsOverlap(a.hosts, b.hosts) && methodsOverlap(a.methods, b.methods)
}

/** Whether every request of `inner` is one of `outer`, which has no further conditions. */
export function reachCovers(outer: Reach, inner: Reach): boolean {
  return (
    outer.conditions === 0 &&
    covers(outer.path, inner.path) &&
    hostsCover(outer.hosts, inner.hosts) &&
    methodsCover(outer.methods, inner.methods)
  )
}

/**
 * Whether `first` goes before `second` for every request that both take: the host that is more specific, then the path:
 * exact, then expressions, then the longest prefix.
 */
export function goesBefore(first: Reach, second: Reach): boolean {
  const [a, b] = [leastSpecific(first.hosts), mostSpecific(second.hosts)]
  if (a !== b) return a > b
  if (first.path.kind === 'exact') return second.path.kind !== 'exact'
  if (first.path.kind === 'regex' || second.path.kind !== 'prefix') return false
  return first.path.segments.length > second.path.segments.length
}

/** Whether every host of `inner` is one of `outer`. */
export function hostsCover(outer: readonly string[], inner: readonly string[]): boolean {
  if (outer.length === 0) return true
  return inner.length > 0 && inner.every((host) => outer.some((one) => hostCovers(one, host)))
}

/** Whether every method of `inner` is one of `outer`. */
export function methodsCover(outer: ReadonlySet<string> | null, inner: ReadonlySet<string> | null): boolean {
  return outer === null || (inner !== null && [...inner].every((method) => outer.has(method)))
}

function hostsOverlap(a: readonly string[], b: readonly string[]): boolean {
  if (a.length === 0 || b.length === 0) return true
  return a.some((one) => b.some((other) => hostCovers(one, other) || hostCovers(other, one)))
}

function hostCovers(outer: string, inner: string): boolean {
  return (
    outer === inner ||
    (outer.startsWith('*.') && inner.length > outer.length - 1 && inner.endsWith(outer.slice(1)))
  )
}

function methodsOverlap(a: ReadonlySet<string> | null, b: ReadonlySet<string> | null): boolean {
  return a === null || b === null || [...a].some((method) => b.has(method))
}

function leastSpecific(hosts: readonly string[]): number {
  return hosts.length === 0 ? 0 : Math.min(...hosts.map(specificity))
}

function mostSpecific(hosts: readonly string[]): number {
  return hosts.length === 0 ? 0 : Math.max(...hosts.map(specificity))
}

// Any, then wildcards by their length, then exact ones.
function specificity(host: string): number {
  return host.startsWith('*.') ? host.length : 1_000
}
