import type { Draft } from '../draft.js'
import type { Tree } from '../tree/tree.js'
import { expressionOf } from './paths.js'
import { nothing, type PolicyResult } from './policy.js'

/** What `headers` makes of requests. */
export function headersOf(action: Tree | undefined, _place: Tree, draft: Draft): PolicyResult {
  const prefix = action?.get('headersPrefix')?.text ?? ''
  const set: Record<string, string> = {}
  for (const [name, value] of action?.get('forwardHeaders')?.fields ?? []) {
    const template = templateOf(value.text ?? '')
    if (template === null)
      draft.note('left-out', value.place, `forwardHeaders.${name}`, 'there is nothing like it in templates')
    else set[`${prefix}${name}`.toLowerCase()] = template
  }
  return Object.keys(set).length === 0
    ? nothing
    : { options: { transform: { request: { headers: { set } } } } }
}

function templateOf(text: string): string | null {
  const expression = text.replace(/^\$\{(.*)\}$/, '$1').trim()
  const literal = /^(['"])(.*)\1$/.exec(expression)?.[2]
  if (literal !== undefined) return literal.replaceAll(/[{}]/g, '$&$&')
  const known: Readonly<Record<string, string>> = {
    'req.ip': '{client}',
    requestID: '{requestId}',
    requestId: '{requestId}',
    'consumer.id': '{identity.consumer}',
    'consumer.username': '{identity.consumer}',
    'user.id': '{identity.consumer}',
    'req.method': '{method}',
    'req.hostname': '{host}',
    'req.path': '{path}'
  }
  const header = /^req\.headers(?:\.(\w+)|\[['"]([\w-]+)['"]\])$/.exec(expression)
  return (
    known[expression.replace(/^egContext\./, '')] ??
    (header === null ? null : `{headers.${(header[1] ?? header[2] ?? '').toLowerCase()}}`)
  )
}

/** A `rewrite` with its condition; `conditionOf` has none for it. */
export function rewriteOf(action: Tree | undefined, place: Tree, draft: Draft): PolicyResult {
  const condition = place.get('condition')
  const name = condition?.get('name')?.text
  const match = condition?.get('match')?.text
  const target = action?.get('rewrite')?.text
  const redirect = action?.get('redirect')
  if (match === undefined || target === undefined || (name !== 'pathmatch' && name !== 'regexpmatch')) {
    draft.note(
      'left-out',
      place.place,
      'rewrite',
      'only the conditions pathmatch and regexpmatch are translated'
    )
    return nothing
  }
  if (redirect !== undefined) {
    draft.note('left-out', redirect.place, 'redirect', 'add a route with `redirect`')
    return nothing
  }
  const pattern = name === 'pathmatch' ? `^${expressionOf(match)}$` : match
  const replacement = name === 'pathmatch' ? target.replaceAll(/:(\w+)/g, '$<$1>').replace('*', '$1') : target
  return { options: { rewrite: { regex: { pattern, replacement } } } }
}

/** What `request-transformer` and `response-transformer` make of header fields. */
export function transformerOf(
  side: 'request' | 'response',
  action: Tree | undefined,
  draft: Draft
): PolicyResult {
  const set: Record<string, string> = {}
  const headers = action?.get('headers')
  const remove = headers?.get('remove')?.texts.map((name) => name.toLowerCase()) ?? []
  for (const [name, value] of headers?.get('add')?.fields ?? []) {
    const template = templateOf(value.text ?? '')
    if (template === null)
      draft.note('left-out', value.place, `headers.add.${name}`, 'there is nothing like it in templates')
    else set[name.toLowerCase()] = template
  }
  const body = action?.get('body')
  if (body !== undefined) draft.note('left-out', body.place, 'body', `write it as \`transform.${side}.json\``)
  if (remove.length === 0 && Object.keys(set).length === 0) return nothing
  return {
    options: {
      transform: {
        [side]: {
          headers: {
            ...(remove.length > 0 ? { remove } : {}),
            ...(Object.keys(set).length > 0 ? { set } : {})
          }
        }
      }
    }
  }
}
