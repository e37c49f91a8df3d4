import type { Exchange } from '@gatewright/core'

/** The content codings of a request's body. A `preParsing` hook that has decoded the body has dropped them. */
export function contentCodingOf({ headers, upstreamHeaders }: Exchange): string {
  const given = upstreamHeaders?.get('content-encoding')
  return given === undefined ? (headers['content-encoding'] ?? '') : (given ?? '')
}
