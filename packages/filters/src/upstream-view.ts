import { type Exchange, wireText } from '@gatewright/core'

const REPLACED = /\ufffd/g
const BEYOND_ASCII = /[\x80-\xff]/

/**
 * The header fields that the upstream would get: names in lower case, values as text, several of one name joined as HTTP does
 * (RFC 9110, section 5.3). What is not UTF-8 is `!`, as Envoy has it.
 */
export function upstreamView(exchange: Exchange): Record<string, string> {
  const view: Record<string, string> = Object.create(null) as Record<string, string>
  const { ingress, upstreamHeaders } = exchange
  const { headers, proto, forwardedFor, peer } = ingress
  const { requestIdHeader } = exchange.snapshot.ingress.settings
  for (let i = 0; i < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase()
    const value = textOf(headers[i + 1] as string)
    const before = view[name]
    view[name] = before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`
  }
  if (peer !== '') view['x-forwarded-for'] = forwardedFor === '' ? peer : `${forwardedFor}, ${peer}`
  view['x-forwarded-proto'] = proto
  view[requestIdHeader] = exchange.id
  if (upstreamHeaders !== null)
    for (const [name, value] of upstreamHeaders) {
      if (value === null) delete view[name]
      else view[name] = textOf(value)
    }
  return view
}

function textOf(value: string): string {
  if (!BEYOND_ASCII.test(value)) return value
  const text = wireText(value)
  return text === value ? Buffer.from(value, 'latin1').toString('utf8').replaceAll(REPLACED, '!') : text
}
