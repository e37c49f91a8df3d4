/** One hop of a `Forwarded` header: its parameters by lower-case name, values unquoted. */
export type ForwardedElement = Readonly<Record<string, string>>

/**
 * The hops of a `Forwarded` header (RFC 7239, section 4), oldest first. It is read from its end, where the nearest
 * proxy has written, so that an open quotation mark in what came before cannot swallow that.
 */
export function forwardedElements(header: string): ForwardedElement[] {
  const elements: ForwardedElement[] = []
  let end = header.length
  let quoted = false
  for (let i = header.length - 1; i >= -1; i--) {
    if (header[i] === '"' && header[i - 1] !== '\\') quoted = !quoted
    if (i === -1 || (header[i] === ',' && !quoted)) {
      elements.unshift(readElement(header.slice(i + 1, end)))
      end = i
    }
  }
  return elements
}

const PAIR = /([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([^";,\s]*))/g

function readElement(text: string): ForwardedElement {
  const element: Record<string, string> = Object.create(null)
  for (const [, name = '', quoted, token] of text.matchAll(PAIR))
    element[name.toLowerCase()] ??= quoted?.replace(/\\(.)/g, '$1') ?? token ?? ''
  return element
}
