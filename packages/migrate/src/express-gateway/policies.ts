import { CLOSED, type Draft, keysOfNobody, usersOfNobody } from '../draft.js'
import { writtenMs } from '../nginx/units.js'
import type { Tree } from '../tree/tree.js'
import { headersOf, rewriteOf, transformerOf } from './changes.js'
import { nothing, type PolicyResult, type PolicyTranslator } from './policy.js'

/** By the names of policies; `proxy` is none of them. */
export const POLICIES: Readonly<Record<string, PolicyTranslator>> = {
  cors: corsOf,
  'key-auth': keyAuth,
  'basic-auth': (_action, place, draft) => {
    draft.schemes.basic ??= usersOfNobody()
    draft.note(
      'closed',
      place.place,
      'basic-auth',
      'credentials are not in the configuration: list users in authentication.schemes.basic, each with the hash that hashPassword() makes'
    )
    return { options: {}, scheme: 'basic' }
  },
  jwt: jwtOf,
  oauth2: closing(
    'oauth2',
    'tokens and clients are not in the configuration: add a scheme of type `jwt` or `introspection`'
  ),
  'oauth2-introspect': closing('oauth2-introspect', 'add a scheme of type `introspection`'),
  'rate-limit': rateLimitOf,
  headers: headersOf,
  rewrite: rewriteOf,
  'request-transformer': (action, _place, draft) => transformerOf('request', action, draft),
  'response-transformer': (action, _place, draft) => transformerOf('response', action, draft),
  terminate: terminateOf,
  log: (action, place, draft) => {
    action?.readAll()
    draft.note('not-needed', place.place, 'log', 'the gateway logs each request')
    return nothing
  },
  compression: () => ({ options: { compression: true } })
}

function closing(name: string, message: string): PolicyTranslator {
  return (action, place, draft) => {
    action?.readAll()
    draft.note('closed', place.place, name, message)
    return { options: CLOSED }
  }
}

/** A policy that is not known may guard, and closes its routes then; one that only logs, by its name, is left out. */
export function unknownPolicy(name: string): PolicyTranslator {
  return (action, place, draft) => {
    action?.readAll()
    if (/log|metric|trace|tracing|monitor|moesif|prometheus/i.test(name)) {
      draft.note(
        'left-out',
        place.place,
        name,
        'this policy is not known; by its name it lets all requests pass'
      )
      return nothing
    }
    draft.note(
      'closed',
      place.place,
      name,
      'this policy is not known, and may decide who is let in: its routes are closed'
    )
    return { options: CLOSED }
  }
}

function corsOf(action: Tree | undefined, place: Tree, draft: Draft): PolicyResult {
  const origin = action?.get('origin')
  const origins = origin === undefined || origin.isTrue ? ['*'] : origin.texts
  const isAny = origins.includes('*')
  const list = (name: string): readonly string[] | undefined => {
    const found = action
      ?.get(name)
      ?.texts.flatMap((text) => text.split(','))
      .map((text) => text.trim())
    return found === undefined || found.length === 0 ? undefined : found
  }
  const wantsCredentials = action?.get('credentials')?.isTrue === true
  if (wantsCredentials && isAny)
    draft.note(
      'left-out',
      place.place,
      'cors.credentials',
      'not for every origin: list the origins in `cors.origins`'
    )
  const seconds = Number(action?.get('maxAge')?.text)
  for (const name of ['optionsSuccessStatus', 'preflightContinue']) {
    const found = action?.get(name)
    if (found !== undefined) draft.note('not-needed', found.place, name, 'the gateway answers preflights')
  }
  const optional = {
    methods: list('methods'),
    allowedHeaders: list('allowedHeaders'),
    exposedHeaders: list('exposedHeaders')
  }
  return {
    options: {
      cors: {
        origins: isAny ? '*' : origins,
        ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
        ...(wantsCredentials && !isAny ? { credentials: true } : {}),
        ...(seconds > 0 ? { maxAge: writtenMs(Math.min(seconds, 86_400) * 1_000) } : {})
      }
    }
  }
}

function keyAuth(action: Tree | undefined, place: Tree, draft: Draft): PolicyResult {
  const header = action?.get('apiKeyHeader')?.text ?? 'Authorization'
  const scheme = action?.get('apiKeyHeaderScheme')?.text ?? 'apiKey'
  const field = action?.get('apiKeyField')?.text ?? 'apiKey'
  const takesQuery = action?.get('disableQueryParam')?.isTrue !== true
  const takesHeader = action?.get('disableHeaders')?.isTrue !== true
  const isBare = action?.get('disableHeadersScheme')?.isTrue === true
  const from = [
    ...(takesHeader
      ? [{ header: header.toLowerCase(), ...(isBare || scheme === '' ? {} : { scheme }) }]
      : []),
    ...(takesQuery ? [{ query: field }] : [])
  ]
  draft.schemes.keys ??= keysOfNobody(from.length > 0 ? from : [{ header: 'x-api-key' }])
  draft.note(
    'closed',
    place.place,
    'key-auth',
    'keys are not in the configuration: list the hashes of keys in authentication.schemes.keys'
  )
  return { options: {}, scheme: 'keys' }
}

function jwtOf(action: Tree | undefined, place: Tree, draft: Draft): PolicyResult {
  const issuer = action?.get('issuer')?.text
  const audience = action?.get('audience')?.texts ?? []
  const key = action?.get('secretOrPublicKey')
  const file = action?.get('secretOrPublicKeyFile')
  const isPublic = /-----BEGIN (PUBLIC KEY|CERTIFICATE|RSA PUBLIC KEY)/.test(key?.text ?? '')
  for (const name of ['jwtExtractor', 'jwtExtractorField', 'checkCredentialExistence']) {
    const found = action?.get(name)
    if (found !== undefined)
      draft.note(
        'differs',
        found.place,
        name,
        'tokens come behind Bearer in Authorization unless `from` says another place, and nobody is looked up'
      )
  }
  draft.schemes.jwt ??= {
    type: 'jwt',
    issuer: issuer ?? 'https://issuer.invalid',
    audience: audience.length > 0 ? audience : 'https://audience.invalid',
    forward: true,
    ...(isPublic ? { keys: { static: [key?.text] } } : {})
  }
  if (issuer === undefined || audience.length === 0 || !isPublic)
    draft.note(
      'closed',
      (file ?? key ?? place).place,
      'jwt',
      'authentication.schemes.jwt needs issuer, audience and keys: write the secret or the key as a reference to a file'
    )
  return { options: {}, scheme: 'jwt' }
}

function rateLimitOf(action: Tree | undefined, place: Tree, draft: Draft): PolicyResult {
  const by = action?.get('rateLimitBy')
  const key = keyOf(by?.text ?? 'req.ip')
  if (key === null)
    draft.note(
      'differs',
      (by ?? place).place,
      'rateLimitBy',
      'there is no key like it: clients are counted by their address'
    )
  const status = action?.get('statusCode')
  for (const name of ['message', 'delayAfter', 'delayMs', 'headers']) {
    const found = action?.get(name)
    if (found !== undefined) draft.note('left-out', found.place, name, 'a refusal is a problem body with 429')
  }
  if (status !== undefined && status.text !== '429')
    draft.note('differs', status.place, 'statusCode', 'a refusal is a 429')
  return {
    options: {
      rateLimit: {
        limit: Number(action?.get('max')?.text ?? 5),
        window: writtenMs(Number(action?.get('windowMs')?.text ?? 60_000)),
        algorithm: 'fixed-window',
        key: key ?? 'client',
        headers: 'legacy'
      }
    }
  }
}

function keyOf(text: string): unknown {
  const expression = text.replace(/^\$\{(.*)\}$/, '$1').trim()
  if (/^(req\.ip|req\.connection\.remoteAddress)$/.test(expression)) return 'client'
  if (/^(req\.user(\.id)?|consumer\.(id|username)|req\.consumer\.id)$/.test(expression)) return 'consumer'
  if (/^(req\.)?(egContext\.)?apiEndpoint/.test(expression)) return 'route'
  const header = /^req\.headers(?:\.(\w+)|\[['"]([\w-]+)['"]\])$/.exec(expression)
  return header === null ? null : { header: (header[1] ?? header[2] ?? '').toLowerCase() }
}

function terminateOf(action: Tree | undefined): PolicyResult {
  const status = Number(action?.get('statusCode')?.text ?? 400)
  const body = action?.get('message')?.text ?? 'Terminated'
  return { options: { respond: { status, body } } }
}
