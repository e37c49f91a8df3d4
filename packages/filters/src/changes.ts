import { type Exchange, isHeaderName, isManaged } from '@gatewright/core'
import type { FieldChange, HeaderChanges } from './filter.js'

/** More changes than this, of one decision, are a fault. */
const MOST_CHANGES = 200
const UNSAFE_VALUE = /[^\t\x20-\x7e\x80-\xff]/
const BEYOND_ASCII = /[^\x00-\x7f]/
const PUNCTUATION = /[^a-z0-9]/g

/** Names that say how a response is framed, or are for one connection only. */
const OF_RESPONSES = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-gw-reason'
])

/** What a filter may write of requests. */
export interface WriteRules {
  /** Names that it speaks for, in lower case: also those that the gateway keeps clients from. */
  readonly writes: ReadonlySet<string>
  /** Names that other filters of the request have set. */
  readonly byFilters: ReadonlySet<string>
}

/** Changes in the form of a list, names in lower case and values as they are sent. */
export function listed(changes: HeaderChanges | undefined): readonly FieldChange[] {
  if (changes === undefined) return []
  if (Array.isArray(changes)) return (changes as readonly FieldChange[]).map(onWire)
  return Object.entries(changes as Readonly<Record<string, string | null>>).map(([name, value]) =>
    onWire(value === null ? { name, value: '', how: 'remove' } : { name, value, how: 'set' })
  )
}

function onWire({ name, value, how }: FieldChange): FieldChange {
  return {
    name: String(name).toLowerCase(),
    value: BEYOND_ASCII.test(value) ? Buffer.from(value, 'utf8').toString('latin1') : String(value),
    how
  }
}

/** What is wrong with changes of a request; `null` for nothing. */
export function requestProblem(
  changes: readonly FieldChange[],
  exchange: Exchange,
  rules: WriteRules
): string | null {
  if (changes.length > MOST_CHANGES) return `changes ${changes.length} header fields`
  for (const { name, value, how } of changes) {
    const problem = fieldProblem(name, value)
    if (problem !== null) return problem
    if (name === 'host') {
      if (!rules.writes.has(name) || how !== 'set' || !AUTHORITY.test(value)) return "may not change 'host'"
    } else if (isManaged(name) || name.startsWith('x-gw-')) return `may not change '${name}'`
    else if (isForeign(name, exchange, rules)) return `may not change '${name}'; list it in 'writes'`
  }
  return null
}

/** What is wrong with changes of a response; `null` for nothing. */
export function responseProblem(changes: readonly FieldChange[], exchange: Exchange): string | null {
  if (changes.length > MOST_CHANGES) return `changes ${changes.length} header fields`
  for (const { name, value } of changes) {
    const problem = fieldProblem(name, value)
    if (problem !== null) return problem
    if (OF_RESPONSES.has(name) || name === exchange.snapshot.ingress.settings.requestIdHeader)
      return `may not change '${name}' of the response`
  }
  return null
}

const AUTHORITY = /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i

function fieldProblem(name: string, value: string): string | null {
  if (!isHeaderName(name)) return `names '${shown(name)}', which is no header field`
  return UNSAFE_VALUE.test(value) ? `gives '${name}' a value with control characters` : null
}

// What the gateway keeps clients from, or has written itself, such as who the request is from.
function isForeign(name: string, exchange: Exchange, { writes, byFilters }: WriteRules): boolean {
  if (writes.has(name)) return false
  const { settings } = exchange.snapshot.ingress
  if (name === settings.requestIdHeader || name === settings.deadlineHeader) return true
  if (settings.reservedHeaders.has(name.replaceAll(PUNCTUATION, '-'))) return true
  return exchange.upstreamHeaders?.has(name) === true && !byFilters.has(name)
}

function shown(name: string): string {
  return name.slice(0, 60).replaceAll(/[^\x20-\x7e]/g, '?')
}

/** Applies checked changes to what goes upstream. */
export function changeRequest(changes: readonly FieldChange[], exchange: Exchange): void {
  for (const { name, value, how } of changes) {
    const before = how === 'set' || how === 'remove' ? null : upstreamValue(exchange, name)
    if (how === 'remove') exchange.dropHeader(name)
    else if (how === 'append' && before !== null)
      exchange.forwardHeader(name, `${before}${name === 'cookie' ? '; ' : ', '}${value}`)
    else if (how === 'add-if-absent' ? before === null : how !== 'set-if-present' || before !== null)
      setHeader(exchange, name, value)
    if (how === 'set' || how === 'remove') dropOtherSpellings(exchange, name)
  }
}

// An upstream may take `x.user` or `x_user` for `x-user`: what a client says so is not to stand beside what is said here.
function dropOtherSpellings(exchange: Exchange, name: string): void {
  const { headers } = exchange.ingress
  const folded = name.replaceAll(PUNCTUATION, '-')
  for (let i = 0; i < headers.length; i += 2) {
    const other = (headers[i] as string).toLowerCase()
    if (other.length !== name.length || other === name || other.replaceAll(PUNCTUATION, '-') !== folded)
      continue
    if (exchange.upstreamHeaders?.has(other) !== true) exchange.dropHeader(other)
  }
}

function setHeader(exchange: Exchange, name: string, value: string): void {
  if (name !== 'host') {
    exchange.forwardHeader(name, value)
    return
  }
  exchange.upstreamHeaders ??= new Map()
  exchange.upstreamHeaders.set(name, value)
}

/** The value of a field as the upstream would get it; `null` for none. */
function upstreamValue({ upstreamHeaders, ingress }: Exchange, name: string): string | null {
  const set = upstreamHeaders?.get(name)
  if (set !== undefined) return set
  const values: string[] = []
  const { headers } = ingress
  for (let i = 0; i < headers.length; i += 2)
    if ((headers[i] as string).toLowerCase() === name) values.push(headers[i + 1] as string)
  return values.length === 0 ? null : values.join(name === 'cookie' ? '; ' : ', ')
}
