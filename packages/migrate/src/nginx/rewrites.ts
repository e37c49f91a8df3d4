import type { Options } from '../draft.js'
import type { Answer } from './answer.js'
import { redirectOf } from './answers.js'
import type { Context } from './context.js'
import type { Directive } from './directives.js'
import { wholePattern } from './patterns.js'
import type { Scope } from './scope.js'

/** Reads `limit_except`: other methods are refused. */
export function exceptMethods(directive: Directive, scope: Scope, { draft }: Context): readonly Answer[] {
  scope.use(directive)
  const methods = new Set(directive.args.map((method) => method.toUpperCase()))
  if (methods.has('GET')) methods.add('HEAD')
  const others = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter(
    (method) => !methods.has(method)
  )
  const [rule] = directive.block ?? []
  if (directive.block?.length !== 1 || rule?.name !== 'deny' || rule.args[0] !== 'all')
    draft.note('closed', directive, 'limit_except', 'other methods are refused, whoever asks')
  return others.length === 0
    ? []
    : [{ options: { methods: others, respond: { status: 403 } }, place: directive }]
}

/** A `rewrite`: a redirect, or what it makes of the path; `null` where it was told that it is left out. */
export function rewriteAnswer(
  directive: Directive,
  { draft }: Context
): { readonly answer: Answer } | { readonly rewrite: Options } | null {
  const [source = '', replacement = '', flag = ''] = directive.args
  const whole = wholePattern(source)
  const leave = (why: string): null => {
    draft.note('left-out', directive, 'rewrite', why)
    return null
  }
  if ('problem' in whole) return leave(whole.problem)
  const isRedirect = ['redirect', 'permanent'].includes(flag) || /^(https?|\$scheme):/.test(replacement)
  if (isRedirect) {
    const redirect = redirectOf(
      replacement.replace(/\?$/, ''),
      flag === 'permanent' ? 301 : 302,
      whole.pattern
    )
    if (redirect === null) return leave(`there is no redirect like ${replacement}`)
    return { answer: { options: redirect.options, place: directive, pattern: whole.pattern } }
  }
  const [target = '', query] = replacement.split('?')
  if (query !== undefined && query !== '') return leave('a query in its replacement')
  if (/\$(?!\d)/.test(target)) return leave(`the path '${target}' is known at run time only`)
  return { rewrite: { regex: { pattern: whole.pattern, replacement: target } } }
}
