import { checkMethod, checkRegExp } from '@gatewright/core'
import type { CorsConfig, CorsOptions } from './config/config.js'
import { originProblem } from './origin-pattern.js'
import { type CorsOrigin, wholeOrigin } from './origins.js'

/** Yields the problems of `cors` that the schema cannot see. */
export function* checkCors(config: CorsConfig, at: string): Iterable<string> {
  if (config === false) return
  const { origins, methods, credentials = false } = config
  yield* checkOrigins(origins, `${at}.origins`)
  if (Array.isArray(methods))
    for (const [index, method] of methods.entries()) yield* checkMethod(method, `${at}.methods[${index}]`)
  if (credentials) yield* checkCredentials(config, at)
  else yield* checkExposed(config, at)
}

function* checkOrigins(origins: unknown, at: string): Iterable<string> {
  if (origins === '*' || typeof origins === 'function') return
  if (!Array.isArray(origins)) yield* checkOrigin(origins, at)
  else if (origins.length === 0) yield `${at}: allows nobody; use cors: false`
  else for (const [index, one] of origins.entries()) yield* checkOrigin(one, `${at}[${index}]`)
}

function* checkOrigin(origin: unknown, at: string): Iterable<string> {
  if (typeof origin === 'string') {
    const problem = originProblem(origin)
    if (problem !== undefined) yield `${at}: ${problem}`
  } else if (!(origin instanceof RegExp))
    yield `${at}: must be an origin such as 'https://shop.example', a RegExp, a list of these, a function or '*'`
  else {
    const { source, flags } = origin
    const odd = flags.replace(/[igyds]/g, '')
    if (odd !== '') yield `${at}: an expression with the flag '${odd}' is not supported`
    const problem = checkRegExp(source, { whole: true, ignoreCase: flags.includes('i') })
    if (problem !== undefined) yield `${at}: '${source}' ${problem}`
  }
}

function* checkCredentials({ origins, exposedHeaders = [] }: CorsOptions, at: string): Iterable<string> {
  const list = [origins].flat() as readonly (CorsOrigin | unknown)[]
  if (origins === '*')
    yield `${at}.credentials: cannot be with origins '*': every page could act as its visitors; list the origins`
  if (list.includes('null'))
    yield `${at}.credentials: cannot be with the origin 'null', which every page can have (a sandboxed frame)`
  for (const one of list)
    if (one instanceof RegExp && wholeOrigin(one).test('https://any-other.invalid'))
      yield `${at}.credentials: cannot be with '${one.source}', which matches every origin`
  if (exposedHeaders.includes('*'))
    yield `${at}.exposedHeaders: '*' means nothing to browsers beside credentials; list the headers`
}

function* checkExposed({ exposedHeaders = [] }: CorsOptions, at: string): Iterable<string> {
  if (exposedHeaders.includes('*') && exposedHeaders.length > 1)
    yield `${at}.exposedHeaders: '*' means all headers and stands alone`
}
