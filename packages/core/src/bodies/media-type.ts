/** What a media type says about a body of JSON: one text, a text on each line, or a text in each event. */
export type JsonKind = 'json' | 'lines' | 'events'

/** A `Content-Type`, read (RFC 9110, section 8.3.1). */
export interface MediaType {
  /** `application/json`, in lower case; `''` for none, or one that is malformed. */
  readonly essence: string
  /** In lower case; `''` for none, and `'utf-8, utf-7'` where several are named: readers differ in which they take. */
  readonly charset: string
}

const TYPE = /^[\t ]*([\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+)[\t ]*(?:;|$)/
// Wherever it stands and however it is written: somebody may read it.
const CHARSET = /[;"\t ]charset[\t ]*=[\t ]*["']?([^;"',\t ]+)/gi
const JSON_TYPE = /^(?:application\/json|text\/json|[^/]+\/[^/]+\+json)$/
const LINES: ReadonlySet<string> = new Set([
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/jsonlines',
  'application/x-jsonlines',
  'application/json-lines',
  'application/x-json-stream'
])

/** Reads a `Content-Type`. Of two in one field, which are malformed, nothing is read. */
export function mediaTypeOf(contentType: string): MediaType {
  const essence = TYPE.exec(contentType)?.[1]?.toLowerCase() ?? ''
  const charsets = new Set(Array.from(contentType.matchAll(CHARSET), ([, name = '']) => name.toLowerCase()))
  return { essence, charset: [...charsets].join(', ') }
}

/**
 * How a body of this `Content-Type` holds JSON; `null` for one that holds none. `application/json`, `text/json` and every
 * `+json` (RFC 6839, section 3.1) are one text; `application/x-ndjson` and its kin have one on each line, `text/event-stream` in each event.
 */
export function jsonKindOf(contentType: string): JsonKind | null {
  const { essence } = mediaTypeOf(contentType)
  if (JSON_TYPE.test(essence)) return 'json'
  if (LINES.has(essence)) return 'lines'
  return essence === 'text/event-stream' ? 'events' : null
}

/** Whether a charset is that of JSON, or is not given (RFC 8259, section 8.1). */
export function isUtf8Charset({ charset }: MediaType): boolean {
  return charset === '' || charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii'
}
