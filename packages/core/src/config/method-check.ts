import { FORWARDED_METHODS } from './method.js'
import { didYouMean } from './nearest.js'

const KNOWN: readonly string[] = FORWARDED_METHODS

/** Yields the problem of a configured method: Node accepts no request with a method it does not know. */
export function* checkMethod(method: string, at: string): Iterable<string> {
  if (method === 'CONNECT' || method === 'TRACE') yield `${at}: ${method} is never forwarded`
  else if (KNOWN.includes(method)) return
  else if (KNOWN.includes(method.toUpperCase())) yield `${at}: '${method}' must be a method in upper case`
  else yield `${at}: there is no method '${method}'${didYouMean(method, KNOWN)}`
}
