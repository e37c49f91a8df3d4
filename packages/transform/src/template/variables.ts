import { clientOrigin, didYouMean, isHeaderName, isManaged } from '@gatewright/core'
import { claimText, parseClaimPath } from './claim-path.js'
import { cookieValue, headerValue, paramOf, queryValue } from './request-values.js'
import { type Variable, variable } from './variable.js'

const REQUEST: ReadonlyMap<string, Variable> = new Map([
  ['client', variable('safe', (request) => request.ingress.client)],
  ['requestId', variable('safe', (request) => request.id)],
  ['traceId', variable('safe', (request) => request.traceId)],
  ['method', variable('safe', (request) => request.method)],
  ['proto', variable('safe', (request) => request.ingress.proto)],
  ['host', variable('safe', (request) => request.ingress.host)],
  ['origin', variable('safe', (request) => clientOrigin(request.ingress))],
  ['path', variable('path', (request) => request.path)],
  ['route', variable('text', (request) => request.route?.id ?? '')],
  ['pool', variable('text', (request) => request.pool?.id ?? '')],
  ['identity.subject', variable('text', (request) => request.identity?.subject ?? '')],
  ['identity.consumer', variable('text', (request) => request.identity?.consumer ?? '')],
  ['identity.scheme', variable('text', (request) => request.identity?.scheme ?? '')],
  ['identity.scopes', variable('text', (request) => request.identity?.scopes.join(' ') ?? '')],
  ['identity.roles', variable('text', (request) => request.identity?.roles.join(',') ?? '')]
])

const RESPONSE: ReadonlyMap<string, Variable> = new Map([
  ...REQUEST,
  ['endpoint', variable('safe', (_request, answer) => answer?.endpoint ?? '')],
  ['status', variable('safe', (_request, answer) => String(answer?.status ?? ''))]
])

/** Families of variables: what stands behind the prefix is a name. A text says what is wrong with the name. */
const FAMILIES: ReadonlyMap<string, (name: string) => Variable | string> = new Map([
  ['params.', (name) => paramVariable(name)],
  ['query.', (name) => variable('text', (request) => queryValue(request.query, name))],
  ['headers.', headerVariable],
  ['cookies.', (name) => variable('wire', (request) => cookieValue(request, name))],
  ['identity.claims.', (name) => claimVariable(name, 'claims')],
  ['identity.metadata.', (name) => claimVariable(name, 'metadata')]
])

/** Of which message a template makes a part. */
export type Direction = 'request' | 'response'

/** The variable of this name, or what is wrong with the name. */
export function variableNamed(name: string, direction: Direction): Variable | string {
  const known = direction === 'request' ? REQUEST : RESPONSE
  const found = known.get(name)
  if (found !== undefined) return found
  for (const [prefix, make] of FAMILIES)
    if (name.startsWith(prefix) && name.length > prefix.length) return make(name.slice(prefix.length))
  if (direction === 'request' && RESPONSE.has(name)) return `'{${name}}' is known for responses only`
  const names = [...known.keys(), ...[...FAMILIES.keys()].map((prefix) => prefix + behind(prefix, name))]
  return `there is no variable '{${name}}'${didYouMean(name, names, names.length)}`
}

// What stands behind as many dots in the name.
function behind(prefix: string, name: string): string {
  return (
    name
      .split('.')
      .slice(prefix.split('.').length - 1)
      .join('.') || '…'
  )
}

const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['host', '{host}'],
  ['x-forwarded-for', '{client}'],
  ['x-real-ip', '{client}'],
  ['forwarded', '{client}'],
  ['x-forwarded-proto', '{proto}'],
  ['x-forwarded-host', '{host}']
])

function paramVariable(name: string): Variable {
  return variable(name === '*' ? 'segments' : 'text', (request) => paramOf(request.params, name), name)
}

// Of what the gateway decides about itself, the client's own says nothing that could be relied on.
function headerVariable(given: string): Variable | string {
  const name = given.toLowerCase()
  if (!isHeaderName(name)) return `'${given}' is no name of a header field`
  const instead = INSTEAD.get(name)
  if (isManaged(name))
    return `'{headers.${given}}' is not the client's to say${instead === undefined ? '' : `; use '${instead}'`}`
  return variable('wire', (request) => headerValue(request, name))
}

function claimVariable(text: string, holder: 'claims' | 'metadata'): Variable | string {
  const path = parseClaimPath(text)
  if (typeof path === 'string') return `'{identity.${holder}.${text}}' ${path}`
  return variable('text', ({ identity }) => (identity === null ? '' : claimText(identity[holder], path)))
}
