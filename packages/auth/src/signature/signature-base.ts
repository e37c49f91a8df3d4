import type { Exchange } from '@gatewright/core'
import type { SignatureInput } from './signature-input.js'

/** What is signed (RFC 9421, section 2.5); a text behind `missing` where the request lacks something that is covered. */
export function signatureBase(
  exchange: Exchange,
  { components, params }: SignatureInput
): string | { readonly missing: string } {
  let base = ''
  for (const component of components) {
    const value = component.startsWith('@') ? derived(exchange, component) : fieldValue(exchange, component)
    if (value === null) return { missing: component }
    base += `"${component}": ${value}\n`
  }
  return `${base}"@signature-params": ${params}`
}

function derived({ method, path, query, ingress }: Exchange, component: string): string | null {
  switch (component) {
    case '@method':
      return method
    case '@path':
      return path
    case '@query':
      return query === '' ? '?' : query
    case '@authority':
      return ingress.authority.toLowerCase().replace(ingress.proto === 'https' ? /:443$/ : /:80$/, '')
    default:
      return null
  }
}

/** All copies of a field, in their order (RFC 9421, section 2.1); `null` for none. */
export function fieldValue({ raw: { rawHeaders } }: Exchange, name: string): string | null {
  let value: string | null = null
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if ((rawHeaders[index] as string).toLowerCase() !== name) continue
    const own = (rawHeaders[index + 1] as string).trim()
    value = value === null ? own : `${value}, ${own}`
  }
  return value
}
