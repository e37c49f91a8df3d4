import type { Exchange, Identity } from '@gatewright/core'
import { valueAt } from './authorize/value-at.js'

const SOURCE = /^(?:subject|consumer|scheme|scopes|roles|(?:claims|metadata)\..+)$/
const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/i
const MEANINGFUL =
  /^(?:host|connection|cookie|via|forwarded|expect|te|trailer|upgrade|keep-alive|transfer-encoding|x-real-ip|x-request-id|content-.*|proxy-.*|x-forwarded-(?:for|proto|host|port|method|uri|prefix)|accept.*|range|if-.*|origin|user-agent)$/i

/** Yields what is wrong with `authentication.headers`. */
export function* checkIdentityHeaders(
  headers: Readonly<Record<string, string>>,
  at: string
): Iterable<string> {
  for (const [name, source] of Object.entries(headers)) {
    if (!NAME.test(name))
      yield `${at}: '${name.slice(0, 64)}' must be a header name of letters, digits and hyphens`
    else if (MEANINGFUL.test(name))
      yield `${at}.${name}: has a meaning of its own; choose a name such as 'x-user'`
    if (!SOURCE.test(source))
      yield `${at}.${name}: '${source.slice(0, 64)}' must be 'subject', 'consumer', 'scheme', 'scopes', 'roles', 'claims.<path>' or 'metadata.<path>'`
  }
}

type Teller = (identity: Identity) => string | null

/** Sets the headers that tell an upstream who a request is from. */
export class IdentityHeaders {
  readonly #tellers: readonly (readonly [name: string, tell: Teller])[]

  constructor(headers: Readonly<Record<string, string>> = {}) {
    this.#tellers = Object.entries(headers).map(([name, source]) => [name.toLowerCase(), tellerOf(source)])
  }

  /** Of what there is no value, the upstream gets no header. */
  set(exchange: Exchange, identity: Identity): void {
    for (const [name, tell] of this.#tellers) {
      const value = tell(identity)
      if (value !== null) exchange.forwardHeader(name, value)
    }
  }
}

function tellerOf(source: string): Teller {
  if (source === 'subject' || source === 'consumer' || source === 'scheme')
    return ({ [source]: value }) => fieldOf(value)
  if (source === 'scopes') return ({ scopes }) => (scopes.length === 0 ? null : scopes.map(partOf).join(' '))
  if (source === 'roles') return ({ roles }) => fieldOf(roles)
  const dot = source.indexOf('.')
  const from = source.slice(0, dot) as 'claims' | 'metadata'
  const path = source.slice(dot + 1)
  return ({ [from]: record }) => fieldOf(valueAt(record, path))
}

/**
 * A value as a field. Lists are joined by commas; an object is its JSON, encoded. What a field cannot hold, `%`, and in lists
 * what would end an entry are percent-encoded (as UTF-8), so that no two values look the same.
 */
function fieldOf(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null
  if (typeof value === 'string') return encoded(value, UNSAFE)
  if (Array.isArray(value)) {
    if (value.length === 0) return null
    return value
      .map((one) =>
        typeof one === 'object' ? encoded(JSON.stringify(one), UNSAFE_PART) : partOf(String(one))
      )
      .join(',')
  }
  return typeof value === 'object' ? encoded(JSON.stringify(value), UNSAFE) : String(value)
}

function partOf(text: string): string {
  return encoded(text, UNSAFE_PART)
}

// Spaces at either end would be cut off.
const UNSAFE = /^ | $|[^ -~]|%/gu
const UNSAFE_PART = /[^!-~]|[%,]/gu

function encoded(text: string, unsafe: RegExp): string {
  return text.replace(unsafe, (character) =>
    [...Buffer.from(character, 'utf8')]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join('')
  )
}
