import { CLOSED, type Options } from '../draft.js'
import type { Answer } from './answer.js'
import { returnOf } from './answers.js'
import type { Context } from './context.js'
import type { Directive } from './directives.js'
import { responseChanges } from './headers.js'
import { answersOf, type Surroundings } from './location.js'
import { inOrder, isEarly, type Location, locationsIn } from './locations.js'
import type { LocationPath } from './pass.js'
import { escaped, routePattern } from './patterns.js'
import { rewriteAnswer } from './rewrites.js'
import type { Scope } from './scope.js'
import type { ServerNames } from './server-names.js'

/** The highest priority of routes with a condition. */
const CONDITIONAL = 1_000

/** Adds the routes of a server. `names` are its hosts; `needsRest` where another server would take what it does not. */
export function translateServer(
  directive: Directive,
  scope: Scope,
  names: ServerNames,
  needsRest: boolean,
  around: Omit<Surroundings, 'find'>
): void {
  const { context } = around
  const { draft } = context
  const locations = locationsIn(scope, '')
  const find = (path: string): Scope | undefined =>
    (
      locations.find((each) => each.path === path && each.modifier !== '~' && each.modifier !== '~*') ??
      locations.find((each) => each.modifier === '' && path.startsWith(each.path))
    )?.scope
  const surroundings: Surroundings = { context, find }
  const prefix = names.hosts.length > 0 ? `${names.hosts[0]} ` : ''
  let priority = CONDITIONAL
  const add = (place: Directive, path: string, options: Options, more: Options = {}): void => {
    const condition = ['methods', 'headers', 'query'].find((key) => options[key] !== undefined)
    draft.route(place, {
      id: `${prefix}${path}${condition === undefined ? '' : ` by ${condition}`}`,
      // Of conditions the first one that holds counts.
      ...(condition === undefined ? {} : { priority: priority-- }),
      ...(names.hosts.length === 0 ? {} : { host: names.hosts.length === 1 ? names.hosts[0] : names.hosts }),
      path,
      ...more,
      ...options
    })
  }
  if (!fromServer(directive, scope, surroundings, add)) return
  const hasRegex = locations.some(({ modifier }) => modifier.startsWith('~'))
  for (const location of inOrder(locations, hasRegex))
    translateLocation(location, locations, hasRegex, surroundings, add)
  const hasRest = locations.some(
    ({ modifier, path }) => path === '/' && (modifier === '' || modifier === '^~')
  )
  if (hasRest) return
  const [pass] = scope.ownOf(['root', 'index', 'try_files'])
  if (pass !== undefined)
    draft.note('left-out', pass, pass.name, 'files are not served: what no location takes is answered 404')
  if (needsRest) add(directive, '/*', { respond: { status: 404 } })
}

type Add = (place: Directive, path: string, options: Options, more?: Options) => void

// What stands in the server itself comes before its locations. False where it answers everything.
function fromServer(directive: Directive, scope: Scope, around: Surroundings, add: Add): boolean {
  const { draft } = around.context
  for (const own of scope.ownOf(['return', 'rewrite', 'if'])) {
    if (own.name === 'return') {
      add(own, '/*', withHeaders(returnOf(own, scope, draft) ?? CLOSED, scope, around.context))
      for (const location of scope.own('location')) {
        scope.use(location)
        draft.note('not-needed', location, 'location', 'the return of the server comes before it')
      }
      return false
    }
    if (own.name === 'rewrite') fromRewrite(own, around, add)
    else
      for (const answer of answersOf(
        { ...directive, block: [own] },
        { kind: 'prefix', text: '/' },
        scope.within([own]),
        around
      ).slice(0, -1)) {
        const { pattern, options, place } = answer
        if (pattern !== undefined) add(place, `~${pattern}`, options)
        else {
          draft.note('differs', own, 'if', 'locations with an exact path go before it')
          add(place, '~^/', options)
        }
      }
  }
  return true
}

function fromRewrite(own: Directive, around: Surroundings, add: Add): void {
  const { draft } = around.context
  const rewritten = rewriteAnswer(own, around.context)
  if (rewritten === null) return
  if ('answer' in rewritten) {
    const { pattern = '', options, place } = rewritten.answer
    const isAll = /^\^(\/)?\(?\.\*\)?\$?$/.test(pattern)
    if (isAll) add(place, '~^/', options)
    else add(place, `~${pattern}`, options)
    return
  }
  draft.note(
    'left-out',
    own,
    'rewrite',
    'in a server, which chooses a location by the new path: write it into the routes that it is for'
  )
}

function translateLocation(
  location: Location,
  all: readonly Location[],
  hasRegex: boolean,
  around: Surroundings,
  add: Add
): void {
  const { directive, modifier, path, scope, outer } = location
  const { draft } = around.context
  if (modifier === '@') return
  const isInternal = scope.own('internal').length > 0
  if (modifier === '~' || modifier === '~*') {
    const source = outer === '' || path.startsWith('^') ? path : `^${escaped(outer)}.*${path}`
    const found = routePattern(source, modifier === '~*')
    if ('problem' in found) {
      scope.use(directive)
      draft.note(
        'left-out',
        directive,
        `location ${modifier} ${path}`,
        `${isGuard(directive) ? 'DANGER: it guards, and is not there: ' : ''}${found.problem}: requests go to other locations`
      )
      return
    }
    const answers = isInternal
      ? notFound(scope, around, directive)
      : answersOf(directive, { kind: 'regex', text: source }, scope, around)
    for (const { options, place, pattern } of answers)
      add(place, `~${pattern ?? found.pattern}`, options, modifier === '~*' ? { caseSensitive: false } : {})
    return
  }
  const kind: LocationPath['kind'] = modifier === '=' ? 'exact' : 'prefix'
  const answers = isInternal
    ? notFound(scope, around, directive)
    : answersOf(directive, { kind, text: path }, scope, around)
  const text = routePath(path)
  if (hasRegex && kind === 'prefix' && isEarly(location, all)) {
    if (modifier === '')
      draft.note(
        'differs',
        directive,
        `location ${path}`,
        'it goes before expressions, as the ^~ around it does'
      )
    for (const { options, place, pattern } of answers)
      add(place, `~${pattern ?? `^${escaped(path)}`}`, options)
    return
  }
  const route = kind === 'exact' ? text : text.endsWith('/') ? `${text}*` : `${text}/*`
  const isTaken = all.some(
    (other) =>
      other !== location &&
      other.path === `${path}/` &&
      other.modifier !== '=' &&
      !other.modifier.startsWith('~')
  )
  for (const { options, place, pattern } of answers)
    add(place, pattern === undefined ? (kind === 'prefix' && isTaken ? text : route) : `~${pattern}`, options)
  if (kind === 'exact') return
  if (!path.endsWith('/')) {
    draft.note(
      'differs',
      directive,
      `location ${path}`,
      `${path} and what is below it; nginx takes ${path}… too, such as ${path}x`
    )
    return
  }
  const bare = path.slice(0, -1)
  const isForwarded = answers.some(({ options }) => options.pool !== undefined)
  const isThere = all.some((other) => other.path === bare && !other.modifier.startsWith('~'))
  if (isForwarded && bare !== '' && !isThere)
    add(
      directive,
      routePath(bare),
      withHeaders({ redirect: { path: text, status: 301 } }, scope, around.context)
    )
}

function isGuard({ block = [] }: Directive): boolean {
  return block.some(
    ({ name, args }) =>
      ['deny', 'auth_basic', 'auth_request', 'internal'].includes(name) ||
      (name === 'return' && /^4/.test(args[0] ?? ''))
  )
}

function notFound(scope: Scope, { context }: Surroundings, place: Directive): readonly Answer[] {
  return [{ options: withHeaders({ respond: { status: 404 } }, scope, context), place }]
}

// What `add_header` says is for answers of the gateway's own too.
function withHeaders(options: Options, scope: Scope, context: Context): Options {
  const response = responseChanges(scope, context, false)
  return response === undefined ? options : { ...options, transform: { response } }
}

// `:` and `*` would be parameters.
function routePath(path: string): string {
  return encodeURI(path).replaceAll(':', '%3A').replaceAll('*', '%2A')
}
