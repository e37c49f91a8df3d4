/** What stands in every message between the primary and a worker; other messages are not the gateway's. */
export interface Frame {
  readonly gatewright: 'tell' | 'ask' | 'answer' | 'refusal' | 'part'
  /** Of a question and its answer, or of the parts and the frame that they belong to. */
  readonly id: number
  readonly type: string
  readonly body: unknown
  /** A long text beside the body: where it came in parts, it is not here. */
  readonly text?: string
  /** How many parts went before. */
  readonly parts?: number
}

const KINDS = new Set(['tell', 'ask', 'answer', 'refusal', 'part'])

/** The frame that a message is; `null` for one that is none: programs may send each other what they like. */
export function frameOf(message: unknown): Frame | null {
  if (typeof message !== 'object' || message === null) return null
  const { gatewright, id, type, text, parts } = message as Partial<Record<keyof Frame, unknown>>
  const isFrame =
    KINDS.has(gatewright as string) &&
    Number.isSafeInteger(id) &&
    typeof type === 'string' &&
    (text === undefined || typeof text === 'string') &&
    (parts === undefined || Number.isSafeInteger(parts))
  return isFrame ? (message as Frame) : null
}

/** A text in parts of at most `size` characters. Reading a message keeps a process for as long as it is long. */
export function* partsOf(text: string, size: number): Generator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
}

/** The object that a body is; an empty one for another. */
export function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  return typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : {}
}

/** A field that is a text; `''` for another. */
export function textIn(body: unknown, name: string): string {
  const { [name]: value } = fieldsOf(body)
  return typeof value === 'string' ? value : ''
}

/** A field that is a number from 0; 0 for another. */
export function numberIn(body: unknown, name: string): number {
  const { [name]: value } = fieldsOf(body)
  return typeof value === 'number' && value >= 0 ? value : 0
}
