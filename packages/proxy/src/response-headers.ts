import type { FastifyReply } from 'fastify'
import type { KnownFields } from './known-fields.js'
import { kindOf, mergeLists } from './response-fields.js'

/** The head of an upstream's response, read once. */
export interface ResponseHead {
  /** `[name, value, …]`: names in lower case, hop-by-hop fields removed, a repeated field's values in an array. */
  readonly headers: readonly (string | string[])[]
  /** -1 when the length is not declared. */
  readonly contentLength: number
  /** `''` for none. Several, which are malformed, stand behind each other with a comma between them. */
  readonly contentType: string
  /** Names announced in `Trailer`; `''` for none. */
  readonly trailer: string
  /** Whether only the end of the connection ends the body, if there is one. */
  readonly untilClose: boolean
  /** Whether there are fields that {@link copyHeaders} does not simply set. */
  readonly special: boolean
}

/** An upstream's response that cannot be relayed. */
export class BadHeadError extends Error {
  readonly code = 'UND_ERR_RESPONSE'
}

// The transport counts bytes only, and thousands of tiny fields would take longer than all else.
const MAX_FIELDS = 1_000

/**
 * Reads the raw header list of a response, with the fields `known` so far. Throws {@link BadHeadError} for two different lengths, for transfer codings
 * other than chunked, which the transport cannot take off (RFC 9112, sections 6.1 and 6.3), and for more than 1000 fields.
 */
export function readHead(raw: readonly Buffer[], known: KnownFields): ResponseHead {
  if (raw.length > MAX_FIELDS * 2) throw new BadHeadError('too many header fields')
  const headers: (string | string[])[] = []
  let connection = ''
  let length = ''
  let chunked = false
  let typeAt = -1
  let trailer = ''
  let special = false
  for (let i = 0; i < raw.length; i += 2) {
    const field = known.named(raw[i] as Buffer)
    const { name, kind } = field
    if (kind === 'dropped') continue
    const value = field.textOf(raw[i + 1] as Buffer)
    switch (kind) {
      case 'connection':
        connection = connection === '' ? value : `${connection},${value}`
        break
      case 'transfer-encoding':
        if (chunked || value.toLowerCase() !== 'chunked') throw new BadHeadError(`coding '${value}'`)
        chunked = true
        break
      case 'content-length':
        if (length !== '' && length !== value) throw new BadHeadError('two different content lengths')
        length = value
        break
      case 'trailer':
        trailer = trailer === '' ? value : `${trailer}, ${value}`
        break
      case 'content-type':
        if (typeAt === -1) typeAt = headers.push(name, value) - 1
        else headers[typeAt] = `${headers[typeAt]}, ${value}`
        break
      case 'relayed':
        add(headers, name, value)
        break
      default:
        special = true
        add(headers, name, value)
    }
  }
  const contentLength = length === '' || chunked ? -1 : Number(length)
  if (contentLength >= 0) headers.push('content-length', length)
  const named = nominated(connection)
  const contentType = typeAt === -1 || named?.has('content-type') ? '' : (headers[typeAt] as string)
  return {
    headers: named === null ? headers : without(headers, named),
    contentLength,
    contentType,
    trailer,
    untilClose: length === '' && !chunked,
    special
  }
}

/** The value of a field, several joined; `''` when it is not there. `name` in lower case. */
export function fieldValue({ headers }: ResponseHead, name: string): string {
  for (let i = 0; i < headers.length; i += 2)
    if (headers[i] === name) return [headers[i + 1] as string | string[]].flat().join(', ')
  return ''
}

/** Headers that hooks had set and the response's were added to: `[name, value, …]`. */
export type Overlaid = readonly (string | string[])[]

const NOTHING: Overlaid = []

/**
 * Copies a head to the reply, over what hooks have set before. Only lines of `Set-Cookie` and lists that
 * intermediaries add to (`Vary`, `Link`, …) stay beside theirs. `skip` is a name that is not copied.
 */
export function copyHeaders({ headers, special }: ResponseHead, reply: FastifyReply, skip: string): Overlaid {
  if (special) return copySpecial(headers, reply, skip)
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    if (name !== skip) reply.header(name, headers[i + 1])
  }
  return NOTHING
}

function copySpecial(headers: ResponseHead['headers'], reply: FastifyReply, skip: string): Overlaid {
  const overlaid: (string | string[])[] = []
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    const value = headers[i + 1] as string | string[]
    if (name === skip) continue
    const kind = kindOf(name)
    const before = kind === 'list' ? reply.getHeader(name) : undefined
    if (name === 'set-cookie') {
      // Fastify keeps the lines that are there.
      const theirs = reply.getHeader(name)
      if (theirs !== undefined) overlaid.push(name, theirs as string | string[])
      reply.header(name, value)
    } else if (kind === 'raw') reply.raw.setHeader(name, value)
    else if (before === undefined) reply.header(name, value)
    else {
      const theirs = Array.isArray(before) ? before : String(before)
      overlaid.push(name, theirs)
      reply.header(name, mergeLists(name, theirs, value))
    }
  }
  return overlaid
}

/** Takes back what {@link copyHeaders} has copied, from the response too where it had got so far. */
export function removeHeaders({ headers }: ResponseHead, reply: FastifyReply, overlaid: Overlaid): void {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    reply.removeHeader(name)
    reply.raw.removeHeader(name)
  }
  for (let i = 0; i < overlaid.length; i += 2) reply.header(overlaid[i] as string, overlaid[i + 1])
}

/** The head with the fields that an edit has left. */
export function editedHead(head: ResponseHead, headers: ResponseHead['headers']): ResponseHead {
  let special = false
  let contentType = ''
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    if (name === 'content-type') contentType = [headers[i + 1] as string | string[]].flat().join(', ')
    else special ||= isSpecial(name)
  }
  return { ...head, headers, contentType, special }
}

function isSpecial(name: string): boolean {
  const kind = kindOf(name)
  return kind === 'list' || kind === 'raw'
}

/** The head with lines of `Set-Cookie` behind its own. */
export function withCookies(head: ResponseHead, lines: readonly string[]): ResponseHead {
  const headers = head.headers.map((part) => (Array.isArray(part) ? [...part] : part))
  for (const line of lines) add(headers, 'set-cookie', line)
  return { ...head, headers, special: true }
}

function add(headers: (string | string[])[], name: string, value: string): void {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] !== name) continue
    const before = headers[i + 1] as string | string[]
    if (typeof before === 'string') headers[i + 1] = [before, value]
    else before.push(value)
    return
  }
  headers.push(name, value)
}

/** The fields that a value of `Connection` names, in lower case; `null` for none. */
export function nominated(connection: string): Set<string> | null {
  if (connection === '' || connection === 'keep-alive' || connection === 'close') return null
  const names = connection.split(',').map((item) => item.trim().toLowerCase())
  return new Set(names.filter((name) => name !== '' && name !== 'content-length'))
}

function without(headers: ResponseHead['headers'], names: ReadonlySet<string>): (string | string[])[] {
  const kept: (string | string[])[] = []
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    if (!names.has(name)) kept.push(name, headers[i + 1] as string)
  }
  return kept
}
