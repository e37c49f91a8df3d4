import { type ReferenceSpan, referenceSpans } from './reference-scan.js'

/** The first and the last character of those in private use that stand for references: U+F800 to U+F8FF. */
const MARKS = [0xf800, 0xf8ff] as const
const DIGITS_FROM = 0xe000
const BASE = 0x1000

/**
 * A text of YAML whose references are masked: braces mean something else there. Each mask is as long as its reference, so that
 * every offset stays what it was: a mark, the number of the reference in two digits, and as many fillers as it takes. Marks
 * and fillers are characters that the text has nowhere, by escapes neither.
 */
export class MaskedText {
  readonly text: string
  readonly #all: string[] = []
  readonly #mask: RegExp | null

  constructor(text: string) {
    const spans = referenceSpans(text)
    const [mark, filler] = spans.length === 0 ? [] : unusedMarks(text)
    if (mark === undefined || filler === undefined) {
      this.text = text
      this.#mask = null
      return
    }
    this.text = this.#masked(text, spans, mark, filler)
    this.#mask = new RegExp(`${mark}([\\ue000-\\uefff])([\\ue000-\\uefff])${filler}*`, 'g')
  }

  /** A parsed text with its references as they were written; `decode` undoes what the quotes around it mean. */
  written(text: string, decode: (reference: string) => string = (reference) => reference): string {
    if (this.#mask === null) return text
    return text.replace(this.#mask, (_mask, high: string, low: string) => {
      const number = (high.charCodeAt(0) - DIGITS_FROM) * BASE + low.charCodeAt(0) - DIGITS_FROM
      return decode(this.#all[number] ?? '')
    })
  }

  // One without an end needs no mask: where braces matter it is no YAML.
  #masked(text: string, spans: readonly ReferenceSpan[], mark: string, filler: string): string {
    const pieces: string[] = []
    let from = 0
    for (const { start, end, isClosed } of spans) {
      if (!isClosed) continue
      const number = this.#all.push(text.slice(start, end)) - 1
      const digit = (value: number): string => String.fromCharCode(DIGITS_FROM + (value % BASE))
      pieces.push(
        text.slice(from, start),
        `${mark}${digit(Math.floor(number / BASE))}${digit(number)}`.padEnd(end - start, filler)
      )
      from = end
    }
    pieces.push(text.slice(from))
    return pieces.join('')
  }
}

function unusedMarks(text: string): string[] {
  const escapes = text.includes('\\') ? text.toLowerCase() : ''
  const found: string[] = []
  for (let code = MARKS[1]; code >= MARKS[0] && found.length < 2; code--) {
    const mark = String.fromCharCode(code)
    if (!text.includes(mark) && !escapes.includes(code.toString(16))) found.push(mark)
  }
  return found
}
