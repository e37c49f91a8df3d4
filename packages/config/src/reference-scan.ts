/** A reference in a text: `${NAME}`, or `$${NAME}`, which stands for `${NAME}`. */
export interface ReferenceSpan {
  readonly start: number
  readonly end: number
  readonly isEscape: boolean
  /** Whether its `}` is there, in the same line. */
  readonly isClosed: boolean
}

/** The outermost references of a text, in order. They may stand within each other: `${A:-${B}}`. Takes linear time. */
export function referenceSpans(text: string): ReferenceSpan[] {
  const spans: ReferenceSpan[] = []
  let from = text.indexOf('${')
  while (from !== -1) {
    const start = text.lastIndexOf('\n', from) + 1
    const lineEnd = text.indexOf('\n', from)
    const end = lineEnd === -1 ? text.length : lineEnd
    spansOfLine(text, Math.max(start, from - 1), end, spans)
    from = text.indexOf('${', end)
  }
  return spans
}

function spansOfLine(text: string, from: number, end: number, spans: ReferenceSpan[]): void {
  const opens: number[] = []
  const closes = new Map<number, number>()
  const open: number[] = []
  for (let at = from; at < end; at++) {
    if (text.startsWith('${', at)) {
      opens.push(at)
      open.push(at++)
    } else if (text[at] === '}') {
      const last = open.pop()
      if (last !== undefined) closes.set(last, at + 1)
    }
  }
  let past = from
  for (const at of opens) {
    if (at < past) continue
    const close = closes.get(at)
    const isEscape = at > past && text[at - 1] === '$'
    spans.push({
      start: isEscape ? at - 1 : at,
      end: close ?? at + 2,
      isEscape,
      isClosed: close !== undefined
    })
    past = close ?? at + 2
  }
}
