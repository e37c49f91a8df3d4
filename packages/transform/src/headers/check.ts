import { isHeaderName, isManaged } from '@gatewright/core'
import { withoutStar } from '../name-set.js'
import { checkTemplate } from '../template/template.js'
import type { Direction } from '../template/variables.js'
import type { ChangesConfig } from './settings.js'

/** Yields what is wrong with changes to header fields. */
export function* checkHeaders(config: ChangesConfig, at: string, direction: Direction): Iterable<string> {
  const { keepOnly = [], remove = [], rename = {}, set = {}, setIfAbsent = {}, append = {} } = config
  for (const name of keepOnly)
    if (!isHeaderName(withoutStar(name))) yield `${at}.keepOnly: '${name}' is no name of a header field`
  for (const name of remove) yield* checkName(withoutStar(name), `${at}.remove`, direction, name)
  for (const name of Object.entries(rename).flat()) yield* checkName(name, `${at}.rename`, direction)
  for (const [key, values] of Object.entries({ set, setIfAbsent, append }))
    for (const [name, text] of Object.entries(values)) {
      yield* checkName(name, `${at}.${key}`, direction)
      if (text === '') yield `${at}.${key}.${name}: is empty; to drop the field, name it in 'remove'`
      else yield* checkTemplate(text, `${at}.${key}.${name}`, direction)
    }
  for (const name of Object.keys(append))
    if (SINGLE.has(name.toLowerCase()))
      yield `${at}.append: '${name}' may stand once only (RFC 9110, section 5.3); use 'set'`
  yield* checkTwice(config, at)
}

function* checkName(name: string, at: string, direction: Direction, shown = name): Iterable<string> {
  if (!isHeaderName(name)) return yield `${at}: '${shown}' is no name of a header field`
  const lower = name.toLowerCase()
  if (direction === 'request' && lower === 'host')
    yield `${at}: '${shown}' has a key of its own: 'request.host'`
  else if (CODING.has(lower)) yield `${at}: '${shown}' says how the body is read, which stays as it is`
  else if (direction === 'request' ? isOwnOfRequests(lower) : OWN_OF_RESPONSES.has(lower))
    yield `${at}: '${shown}' is the gateway's own business`
}

// One of the two would do nothing.
function* checkTwice(
  { rename = {}, set = {}, setIfAbsent = {} }: ChangesConfig,
  at: string
): Iterable<string> {
  const seen = new Map<string, string>()
  for (const [key, names] of Object.entries({
    rename: Object.values(rename),
    set: Object.keys(set),
    setIfAbsent: Object.keys(setIfAbsent)
  }))
    for (const name of names.map((one) => one.toLowerCase())) {
      const other = seen.get(name)
      if (other !== undefined) yield `${at}.${key}: '${name}' is written by '${other}' already`
      seen.set(name, key)
    }
}

const CODING = new Set(['content-encoding', 'content-range', 'content-length', 'transfer-encoding'])

// Of these the gateway only drops what clients send.
function isOwnOfRequests(name: string): boolean {
  if (name === 'x-real-ip') return false
  if (name.startsWith('x-forwarded-')) return /^x-forwarded-(?:for|proto|host|port)$/.test(name)
  return isManaged(name)
}

const OWN_OF_RESPONSES = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authentication-info',
  'te',
  'trailer',
  'upgrade',
  'http2-settings'
])

const SINGLE = new Set([
  'age',
  'authorization',
  'content-location',
  'content-type',
  'date',
  'etag',
  'expires',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'origin',
  'referer',
  'refresh',
  'retry-after',
  'server',
  'user-agent'
])
