import { METHODS } from 'node:http'
import { didYouMean } from './nearest.js'

// CONNECT and TRACE are never forwarded.
const KNOWN: readonly string[] = METHODS.filter((method) => method !== 'CONNECT' && method !== 'TRACE')

/** Yields what is wrong with a configured method: no request arrives with one that Node does not know. */
export function* checkMethod(method: string, at: string): Iterable<string> {
  if (method === 'CONNECT' || method === 'TRACE') yield `${at}: ${method} is never forwarded`
  else if (!KNOWN.includes(method)) {
    if (KNOWN.includes(method.toUpperCase())) yield `${at}: '${method}' must be a method in upper case`
    else yield `${at}: there is no method '${method}'${didYouMean(method, KNOWN)}`
  }
}
