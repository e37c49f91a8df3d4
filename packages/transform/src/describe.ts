import type { TransformConfig } from './config/config.js'
import type { ChangesConfig } from './headers/settings.js'

type Config = Exclude<TransformConfig, false>

/** What a transform does with requests, for `explain()`: names only, as values may be secrets. */
export function describeRequest({ request = {} }: Config): string {
  const { host, headers, query } = request
  return named([
    ...(host === undefined ? [] : ['Host']),
    ...(headers === undefined ? [] : [`headers (${changes(headers)})`]),
    ...(query === undefined ? [] : [`query (${changes(query)})`])
  ])
}

/** How a transform maps methods, for `explain()`. */
export function describeMethod({ request = {} }: Config): string {
  const { method = {} } = request
  const pairs = typeof method === 'string' ? [['all', method]] : Object.entries(method)
  return named([`method (${pairs.map(([from, to]) => `${from} to ${to}`).join(', ')})`])
}

/** What a transform does with responses, for `explain()`. */
export function describeResponse({ response = {} }: Config): string {
  const { status, location, cookies, headers = [] } = response
  return named([
    ...(status === undefined ? [] : [`status (${pairsOf(status)})`]),
    ...(location === undefined ? [] : ['location']),
    ...(cookies === undefined ? [] : ['cookies']),
    ...[headers]
      .flat()
      .map(({ when = 'always', ...more }) => `headers (${[when].flat().join(', ')}: ${changes(more)})`)
  ])
}

function changes(config: ChangesConfig): string {
  return Object.entries(config)
    .map(
      ([key, names]) => `${key} ${(Array.isArray(names) ? names : Object.keys(names as object)).join(', ')}`
    )
    .join('; ')
}

function pairsOf(map: Readonly<Record<string, number>>): string {
  return Object.entries(map)
    .map(([from, to]) => `${from} to ${to}`)
    .join(', ')
}

function named(parts: readonly string[]): string {
  return `transform ${parts.join(', ')}`
}
