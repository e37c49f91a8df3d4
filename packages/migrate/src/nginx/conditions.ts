import type { Options } from '../draft.js'
import type { Directive } from './directives.js'
import { escaped } from './patterns.js'
import type { Scope } from './scope.js'
import { headerOf } from './variables.js'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** The condition of an `if` as one of routes; `tls` for whether TLS is spoken; `null` where there is none like it. */
export function conditionOf({ args }: Directive, _scope: Scope): Options | 'tls' | null {
  const text = args
    .join(' ')
    .replace(/^\(\s*/, '')
    .replace(/\s*\)$/, '')
  const [, variable = '', operator = '', raw = ''] =
    /^\$(\w+)(?:\s*(!=|=|!~\*|!~|~\*|~)\s*(.*))?$/.exec(text) ?? []
  const value = raw.replace(/^(["'])(.*)\1$/, '$2')
  if (variable === '') return null
  if (['scheme', 'https', 'http_x_forwarded_proto', 'server_port', 'ssl_protocol'].includes(variable))
    return 'tls'
  if (variable === 'request_method') return methodsOf(operator, value)
  if (variable === 'host' || variable === 'http_host')
    return operator === '=' && /^[\w.-]+$/.test(value) ? { host: value.toLowerCase() } : null
  const [, kind, name = ''] = /^(http|arg)_(\w+)$/.exec(variable) ?? []
  if (kind === undefined) return null
  const condition = valueCondition(operator, value)
  if (condition === null) return null
  return kind === 'http' ? { headers: { [headerOf(name)]: condition } } : { query: { [name]: condition } }
}

function methodsOf(operator: string, value: string): Options | null {
  const names = value
    .replace(/^\^?\(?/, '')
    .replace(/\)?\$?$/, '')
    .split('|')
  if (!names.every((name) => METHODS.includes(name))) return null
  if (operator === '=' || operator === '~') return { methods: names }
  if (operator === '!=' || operator === '!~') {
    const others = METHODS.filter(
      (method) => !names.includes(method) && !(method === 'HEAD' && names.includes('GET'))
    )
    return others.length === 0 ? null : { methods: others }
  }
  return null
}

function valueCondition(operator: string, value: string): unknown {
  if (operator === '') return { exists: true }
  if (operator === '=') return value === '' ? { exists: false } : { exact: value }
  if (operator === '!=') return value === '' ? { exists: true } : { exact: value, not: true }
  // Conditions match the whole value, and have no letter case of their own.
  const source = operator.endsWith('*') ? anyCase(value) : value
  if (source === null) return null
  const begin = source.startsWith('^') ? source.slice(1) : `.*(?:${source})`
  const end = begin.endsWith('$') ? begin.slice(0, -1) : `${begin}.*`
  return { regex: end, ...(operator.startsWith('!') ? { not: true } : {}) }
}

// Of words alone: of an expression it would have to be parsed.
function anyCase(source: string): string | null {
  if (!/^[\w |()/.-]+$/.test(source)) return null
  return escaped(source)
    .replaceAll(/\\([|()])/g, '$1')
    .replaceAll(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`)
}
