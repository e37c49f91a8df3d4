import type { IncomingHttpHeaders } from 'node:http'
import type { MatchRequest, RouteMatch, ValueMatch } from '@gatewright/core'
import { readQuery, TWO_VALUES } from './query.js'

/** A condition on a header field or a query parameter, compiled. */
export interface Condition {
  /** Equal for equal conditions, and for no others. */
  readonly key: string
  holds(request: MatchRequest): boolean
  /** Why it does not hold. Asked only when it does not. */
  explain(request: MatchRequest): string
}

type Source = 'header' | 'query'
type Value = string | typeof TWO_VALUES | null

/** All header and query conditions of a route. Patterns have been checked. */
export function compileConditions({ headers, query }: RouteMatch): readonly Condition[] {
  return [
    ...headers.map((match) => compile('header', match, ({ headers }) => readHeader(headers, match.name))),
    ...query.map((match) => compile('query', match, (request) => readQuery(request.query, match.name)))
  ]
}

function compile(source: Source, match: ValueMatch, read: (request: MatchRequest) => Value): Condition {
  const { name, kind, value, not } = match
  const accepts = compileValue(match)
  return {
    key: JSON.stringify([source, name, kind, value, not]),
    holds(request) {
      if (source === 'header' && request.announced?.has(name) === true) return true
      const given = read(request)
      if (kind === 'exists') return (given !== null) !== not
      // Two values: the upstream may read the other one, so neither the condition nor its opposite holds.
      if (given === TWO_VALUES) return false
      return (given !== null && accepts(given)) !== not
    },
    explain: (request) => `${source} '${name}' ${reason(read(request), match)}`
  }
}

function compileValue({ kind, value }: ValueMatch): (given: string) => boolean {
  switch (kind) {
    case 'exact':
      return (given) => given === value
    case 'prefix':
      return (given) => given.startsWith(value)
    case 'regex': {
      // `s`: a decoded value may have line breaks, which `.` must not trip over.
      const pattern = new RegExp(`^(?:${value})$`, 's')
      return (given) => pattern.test(given)
    }
    case 'exists':
      return () => true
  }
}

function reason(given: Value, { kind, value, not }: ValueMatch): string {
  if (given === null) return 'is absent'
  if (kind === 'exists') return 'is present'
  if (given === TWO_VALUES) return 'is given more than once, with different values'
  if (not) return `is '${given}', which is excluded`
  if (kind === 'exact') return `is '${given}', not '${value}'`
  return `is '${given}', which does not ${kind === 'prefix' ? 'begin with' : 'match'} '${value}'`
}

function readHeader(headers: IncomingHttpHeaders, name: string): string | null {
  if (!Object.hasOwn(headers, name)) return null
  const value = headers[name]
  return Array.isArray(value) ? value.join(', ') : (value ?? null)
}
