import { isHeaderName, isManaged } from '@gatewright/core'
import { checkTemplate } from '../template/template.js'
import type { Direction } from '../template/variables.js'
import type { HeadersConfig } from './settings.js'

/** Yields what is wrong with changes to header fields. */
export function* checkHeaders(
  { keepOnly = [], remove = [], rename = {}, set = {}, setIfAbsent = {}, append = {} }: HeadersConfig,
  at: string,
  direction: Direction
): Iterable<string> {
  for (const name of remove) yield* checkName(name.replace(/\*$/, ''), `${at}.remove`, direction, name)
  for (const name of keepOnly)
    if (!isHeaderName(name.replace(/\*$/, ''))) yield `${at}.keepOnly: '${name}' is no name of a header field`
  for (const [from, to] of Object.entries(rename))
    for (const name of [from, to]) yield* checkName(name, `${at}.rename`, direction)
  for (const [key, values] of Object.entries({ set, setIfAbsent, append }))
    for (const [name, text] of Object.entries(values)) {
      yield* checkName(name, `${at}.${key}`, direction)
      if (text === '') yield `${at}.${key}.${name}: is empty; to drop the field, name it in 'remove'`
      else yield* checkTemplate(text, `${at}.${key}.${name}`, direction)
    }
}

function* checkName(name: string, at: string, direction: Direction, shown = name): Iterable<string> {
  if (!isHeaderName(name)) yield `${at}: '${shown}' is no name of a header field`
  else if (direction === 'request' && isOwn(name.toLowerCase()))
    yield `${at}: '${shown}' is the gateway's own business`
}

// Of these the gateway only drops what clients send.
function isOwn(name: string): boolean {
  if (name === 'x-real-ip') return false
  if (name.startsWith('x-forwarded-')) return /^x-forwarded-(?:for|proto|host|port)$/.test(name)
  return isManaged(name)
}
