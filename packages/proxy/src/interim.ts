import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { KnownFields } from './known-fields.js'
import { reasonPhrase } from './reason-phrase.js'
import type { FieldKind } from './response-fields.js'
import { BadHeadError, nominated } from './response-headers.js'

const MOST = 1_000
const MOST_BYTES = 1024 ** 2

/** The interim responses (1xx) received for one request. */
export class InterimCount {
  #answers = 0
  #bytes = 0

  /** Counts one. Throws {@link BadHeadError} for more than 1000 of them, or 1 MiB. */
  add(bytes: number): void {
    this.#answers++
    this.#bytes += bytes
    if (this.#answers > MOST || this.#bytes > MOST_BYTES)
      throw new BadHeadError('interim answers without end')
  }
}

/** An interim response as it is sent on: as it came, without the fields of a connection, of framing and of routing. */
export function interimText(
  status: number,
  statusText: string,
  raw: readonly Buffer[],
  known: KnownFields
): string {
  let text = `HTTP/1.1 ${status} ${reasonPhrase(statusText) || (STATUS_CODES[status] ?? '')}\r\n`
  const named = nominated(connectionOf(raw, known))
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as Buffer
    const field = known.named(name)
    if (!RELAYED.has(field.kind) || named?.has(field.name)) continue
    text += `${name.toString('latin1')}: ${field.textOf(raw[i + 1] as Buffer)}\r\n`
  }
  return `${text}\r\n`
}

const RELAYED: ReadonlySet<FieldKind> = new Set(['relayed', 'list', 'content-type', 'raw'])

function connectionOf(raw: readonly Buffer[], known: KnownFields): string {
  const values: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    const field = known.named(raw[i] as Buffer)
    if (field.kind === 'connection') values.push(field.textOf(raw[i + 1] as Buffer))
  }
  return values.join(',')
}

/**
 * Relays an interim response to a client that knows them (HTTP/1.1). It is left out when the client does not read what
 * it has been sent before, and when an earlier request of its connection has not been answered yet.
 */
export function writeInterim({ socket, headersSent, req }: ServerResponse, text: string): void {
  if (headersSent || req.httpVersionMinor === 0 || socket === null) return
  if (socket.writable && !socket.writableNeedDrain) socket.write(text, 'latin1')
}
