import type { Options } from '../draft.js'
import { escaped, routePattern } from '../nginx/patterns.js'
import type { Tree } from '../tree/tree.js'

/** What an API endpoint says which requests it is for, as options of routes: one for each of its paths. */
export function matchesOf(endpoint: Tree): readonly Options[] {
  if (endpoint.content.kind === 'list') return endpoint.items.flatMap(matchesOf)
  const host = endpoint.get('host')?.text
  const methods = endpoint
    .get('methods')
    ?.texts.flatMap((text) => text.split(','))
    .map((text) => text.trim().toUpperCase())
  const scopes = endpoint.get('scopes')?.texts ?? []
  const expression = endpoint.get('pathRegex')?.text
  const paths =
    expression !== undefined
      ? [expressionPath(expression)]
      : ((endpoint.get('paths') ?? endpoint.get('path'))?.texts ?? ['*']).map(pathOf)
  return paths.map((path) => ({
    ...(host === undefined || host === '*' ? {} : { host: host.replace(/:\d+$/, '') }),
    path,
    ...(methods === undefined || methods.length === 0 || methods.includes('*')
      ? {}
      : { methods: methods.includes('GET') ? [...new Set([...methods, 'HEAD'])] : methods }),
    // As Express compares paths.
    ...(path.endsWith('/*') && !path.startsWith('~')
      ? { caseSensitive: false }
      : path.startsWith('~')
        ? {}
        : { caseSensitive: false, trailingSlash: 'ignore' }),
    ...(scopes.length > 0 ? { authorize: { scopes } } : {})
  }))
}

/** An expression as the path of a route; one that is not taken stays as it is, and is refused. */
export function expressionPath(source: string): string {
  const found = routePattern(source, false)
  return `~${'pattern' in found ? found.pattern : source}`
}

function pathOf(text: string): string {
  if (text === '*' || text === '/*' || text === '/') return text === '/' ? '/' : '/*'
  const plain = text.startsWith('/') ? text : `/${text}`
  if (/^[^*()?+]*$/.test(plain) || /^[^*()?+]*\/\*$/.test(plain)) return plain
  return `~^${expressionOf(plain)}$`
}

/** A path of Express with `*` and `:name` as an expression, with a group for each. */
export function expressionOf(path: string): string {
  return path
    .split(/(\*|:\w+)/)
    .map((part) =>
      part === '*' ? '(.*)' : part.startsWith(':') ? `(?<${part.slice(1)}>[^/]+)` : escaped(part)
    )
    .join('')
}

/** What comes before the wildcard of a route: what `stripPath` takes away. */
export function baseOf(path: string): string {
  return path.startsWith('~') ? '' : path.replace(/\/?\*$/, '')
}
