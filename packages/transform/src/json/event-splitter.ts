import { JsonTooLargeError } from './too-large.js'

const CR = 0x0d
const LF = 0x0a

/**
 * Cuts chunks of an event stream into events, wherever the chunks begin and end: texts of whole lines, each ended by LF whatever ended
 * it (CR, LF or both), up to and with the empty line. A comment between events comes alone, and at once. Holds no more
 * than one event of at most `maxBytes`. (HTML Living Standard, section 9.2.5.)
 */
export class EventSplitter {
  readonly #maxBytes: number
  /** Pieces of the line that is not at its end. */
  #line: Buffer[] = []
  #lines: string[] = []
  #bytes = 0
  #afterCr = false

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The events that end in this chunk. Throws {@link JsonTooLargeError}. */
  *events(chunk: Buffer): Iterable<string> {
    let start = 0
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]
      const isSecondHalf = byte === LF && this.#afterCr
      this.#afterCr = byte === CR
      if (byte !== CR && byte !== LF) continue
      if (!isSecondHalf) {
        this.#hold(chunk.subarray(start, at))
        const event = this.#endLine()
        if (event !== null) yield event
      }
      start = at + 1
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start))
  }

  /** What is left behind the last event, which clients do not take for one; `null` for nothing. */
  rest(): string | null {
    if (this.#line.length > 0) this.#endLine()
    return this.#lines.length === 0 ? null : this.#taken()
  }

  #hold(piece: Buffer): void {
    if (piece.length === 0) return
    this.#bytes += piece.length
    if (this.#bytes > this.#maxBytes) throw new JsonTooLargeError()
    this.#line.push(Buffer.from(piece))
  }

  #endLine(): string | null {
    const line = Buffer.concat(this.#line).toString('utf8')
    this.#line = []
    this.#lines.push(line)
    const isComment = this.#lines.length === 1 && line.startsWith(':')
    return line === '' || isComment ? this.#taken() : null
  }

  #taken(): string {
    const event = `${this.#lines.join('\n')}\n`
    this.#lines = []
    this.#bytes = 0
    return event
  }
}

/** The data of an event, its lines joined; `null` for an event without. */
export function dataOf(event: string): string | null {
  const lines = event.split('\n').flatMap((line) => {
    const data = dataIn(line)
    return data === null ? [] : [data]
  })
  return lines.length === 0 ? null : lines.join('\n')
}

/** The event with other data, in the place of its first line of data; all else stays in its order. */
export function withData(event: string, data: string): string {
  const lines: string[] = []
  let isWritten = false
  for (const line of event.split('\n')) {
    if (dataIn(line) === null) lines.push(line)
    else if (!isWritten) {
      isWritten = true
      for (const part of data.split(/\r\n|\r|\n/)) lines.push(`data: ${part}`)
    }
  }
  return lines.join('\n')
}

function dataIn(given: string): string | null {
  // The mark that may begin a stream.
  const line = given.startsWith('\ufeff') ? given.slice(1) : given
  if (line === 'data') return ''
  if (!line.startsWith('data:')) return null
  return line.startsWith('data: ') ? line.slice(6) : line.slice(5)
}
