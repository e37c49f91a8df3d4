// A weight of 0 means no.
const TRAILERS = /^\s*trailers\s*(?:;\s*q\s*=\s*(?!0(?:\.0*)?\s*$)[\d.]+\s*)?$/i

/** Whether a `TE` field says that the client takes trailers (RFC 9110, section 10.1.4). */
export function takesTrailers(te: string): boolean {
  return te.split(',').some((coding) => TRAILERS.test(coding))
}
