import { didYouMean } from '@gatewright/core'
import type { JwtKeysConfig, JwtSchemeConfig } from '../config/config.js'
import { checkTokenSize } from '../tokens/check-token-size.js'
import { checkServiceUrl } from '../tokens/check-url.js'
import { checkTokenPlaces } from '../tokens/token-source.js'
import { ASYMMETRIC, isSymmetric, type JwtAlgorithm, leastSecretBytes, SYMMETRIC } from './algorithms.js'
import { algorithmsOf, issuersOf, KEY_SOURCES, keysOf } from './settings.js'
import { staticKey } from './static-keys.js'

/** What is for keys that are fetched. */
const OF_REMOTE = ['refresh', 'staleIfError', 'cooldown', 'timeout', 'allowHttp', 'ca'] as const

/** Yields what is wrong with a JWT scheme that the schema cannot see. */
export function* checkJwt(config: JwtSchemeConfig, at: string): Iterable<string> {
  yield* checkTokenSize(config.maxTokenSize, `${at}.maxTokenSize`)
  yield* checkTokenPlaces(config.from ?? [], `${at}.from`)
  const problems = [...checkKeys(config, `${at}.keys`)]
  yield* problems
  if (problems.length === 0) yield* checkAlgorithms(config, at)
}

function* checkAlgorithms(config: JwtSchemeConfig, at: string): Iterable<string> {
  const { secret } = keysOf(config)
  const allowed = secret === undefined ? ASYMMETRIC : SYMMETRIC
  for (const [index, name] of (config.algorithms ?? []).entries()) {
    const place = `${at}.algorithms[${index}]`
    if (allowed.includes(name)) continue
    if (SYMMETRIC.includes(name))
      yield `${place}: '${name}' needs a shared secret (keys.secret); with public keys anybody could sign`
    else if (ASYMMETRIC.includes(name))
      yield `${place}: '${name}' needs public keys; a shared secret is for HS256, HS384 and HS512`
    else yield `${place}: '${name}' is no signature algorithm of those there are${didYouMean(name, allowed)}`
  }
  if (secret === undefined) return
  const bytes = Buffer.byteLength(secret, 'utf8')
  const least = Math.max(...algorithmsOf(config).filter(isKnownSymmetric).map(leastSecretBytes))
  if (bytes < least)
    yield `${at}.keys.secret: has ${bytes} bytes, and needs ${least} for its algorithms (RFC 7518)`
}

function isKnownSymmetric(name: JwtAlgorithm): boolean {
  return SYMMETRIC.includes(name) && isSymmetric(name)
}

function* checkKeys(config: JwtSchemeConfig, at: string): Iterable<string> {
  const keys = keysOf(config)
  const given = KEY_SOURCES.filter((name) => keys[name] !== undefined)
  if (given.length !== 1) {
    yield `${at}: give one of ${given.map((name) => `'${name}'`).join(' and ')}; keys of several kinds are several schemes`
    return
  }
  if (keys.static !== undefined || keys.secret !== undefined)
    for (const name of OF_REMOTE)
      if (keys[name] !== undefined) yield `${at}.${name}: is for keys that are fetched`
  for (const [index, key] of (keys.static ?? []).entries()) {
    const found = staticKey(key)
    if (typeof found === 'string') yield `${at}.static[${index}]: ${found}`
  }
  yield* checkAddress(config, keys, at)
}

function* checkAddress(config: JwtSchemeConfig, keys: JwtKeysConfig, at: string): Iterable<string> {
  const { url, discovery } = keys
  const implied =
    config.keys?.discovery === undefined ? `${at.replace(/\.keys$/, '')}.issuer` : `${at}.discovery`
  if (url !== undefined) yield* checkServiceUrl(url, keys.allowHttp, `${at}.url`)
  if (discovery === undefined) return
  const issuers = issuersOf(config)
  if (discovery === true && issuers.length > 1)
    yield `${implied}: there are several issuers, and only one can be asked for keys; a scheme for each, or 'url'`
  else if (typeof discovery === 'string' && !issuers.includes(discovery))
    yield `${at}.discovery: '${discovery}' is none of the issuers`
  else
    yield* checkServiceUrl(discovery === true ? (issuers[0] as string) : discovery, keys.allowHttp, implied)
}
