import type { Draft } from '../draft.js'
import type { Place } from '../migration.js'
import { isSyntax, lineOf, nameOf, nodesIn, type Syntax } from './syntax.js'
import type { Values } from './values.js'

/** A proxy, and where an app has it. */
export interface Mount {
  readonly place: Place
  /** The arguments of `createProxyMiddleware`. */
  readonly args: readonly Syntax[]
  /** Paths that it is mounted at; empty for all. */
  readonly paths: readonly string[]
  /** Whether the app takes the path away before the proxy sees it: `app.use`. */
  readonly isUse: boolean
  readonly methods: readonly string[]
  /** Handlers in front of it that may refuse requests. */
  readonly guards: readonly string[]
}

const HARMLESS =
  /^(cors|helmet|morgan|compression|json|urlencoded|raw|text|cookieParser|bodyParser|logger|requestLogger|static|responseTime|expressStatic)$/i
const GUARD =
  /auth|jwt|passport|session|guard|protect|ensure|require|verify|check|token|permission|acl|admin|secur|limit|validate/i
/** A function that answers itself. */
const REFUSES = /\bres(ponse)?\s*\.\s*(status|send|sendStatus|end|redirect|json|writeHead)\b/
const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'options', 'head']

/** Finds the proxies that a file makes, and tells what else it has: handlers of its own. */
export function mountsIn(program: Syntax, values: Values, file: string, draft: Draft): readonly Mount[] {
  const factories = factoriesIn(program)
  const isFactory = (node: unknown): boolean =>
    isSyntax(node) && node.type === 'CallExpression' && factories.has(nameOf(node.callee))
  const mounts: Mount[] = []
  const mounted = new Set<Syntax>()
  const guardsBefore: Guard[] = []
  for (const node of nodesIn(program)) {
    if (node.type !== 'CallExpression' || !isSyntax(node.callee) || node.callee.type !== 'MemberExpression')
      continue
    const verb = nameOf(node.callee)
    if (verb !== 'use' && verb !== 'all' && !METHODS.includes(verb)) continue
    const args = (node.arguments as readonly Syntax[]).map((arg) => values.resolve(arg))
    const place = { file, line: lineOf(node) }
    const proxies: readonly Syntax[] = args.filter(isFactory)
    const { paths, rest } = pathsOf(node.arguments as readonly Syntax[], values)
    if (proxies.length === 0) {
      if (isHandler(rest, verb)) tellHandler(node, verb, paths, rest, place, draft, guardsBefore, values)
      continue
    }
    const others = rest
      .map((arg) => values.resolve(arg))
      .filter((arg) => !isFactory(arg) && arg.type !== 'Literal')
    const unknown = others.map((arg) => nameOf(arg) || 'a function').filter((name) => !HARMLESS.test(name))
    for (const proxy of proxies) {
      mounted.add(proxy)
      mounts.push({
        place,
        args: proxy.arguments as readonly Syntax[],
        paths,
        isUse: verb === 'use',
        methods: METHODS.includes(verb) ? [verb.toUpperCase()] : [],
        guards: [
          ...guardsBefore.filter(({ path }) => isBefore(path, paths)).map(({ name }) => name),
          ...unknown
        ]
      })
    }
  }
  for (const node of nodesIn(program)) {
    if (!isFactory(node) || mounted.has(node)) continue
    const place = { file, line: lineOf(node) }
    draft.note(
      'differs',
      place,
      nameOf(node.callee),
      'where it is mounted was not found: it is taken for all paths'
    )
    mounts.push({
      place,
      args: node.arguments as readonly Syntax[],
      paths: [],
      isUse: true,
      methods: [],
      guards: []
    })
  }
  return mounts
}

/** A handler in front of all proxies at and below a path. */
interface Guard {
  readonly name: string
  readonly path: string
}

function isBefore(path: string, mounts: readonly string[]): boolean {
  const base = path.replace(/\/?\**$/, '')
  return (
    base === '' ||
    mounts.length === 0 ||
    mounts.some((mount) => mount === base || mount.startsWith(`${base}/`) || base.startsWith(mount))
  )
}

function factoriesIn(program: Syntax): ReadonlySet<string> {
  const names = new Set(['createProxyMiddleware', 'legacyCreateProxyMiddleware'])
  const add = (node: unknown): void => {
    if (nameOf(node) !== '') names.add(nameOf(node))
  }
  for (const node of nodesIn(program)) {
    if (node.type === 'ImportDeclaration' && isPackage(node.source))
      for (const each of node.specifiers as readonly Syntax[]) add(each.local)
    if (node.type !== 'VariableDeclarator' || !isSyntax(node.init) || !isSyntax(node.id)) continue
    const call = node.init.type === 'MemberExpression' ? node.init.object : node.init
    if (
      !isSyntax(call) ||
      call.type !== 'CallExpression' ||
      nameOf(call.callee) !== 'require' ||
      !isPackage((call.arguments as readonly Syntax[])[0])
    )
      continue
    if (node.id.type === 'ObjectPattern')
      for (const each of node.id.properties as readonly Syntax[]) add(each.value)
    else add(node.id)
  }
  for (const other of [
    'fixRequestBody',
    'responseInterceptor',
    'debugProxyErrorsPlugin',
    'loggerPlugin',
    'errorResponsePlugin',
    'proxyEventsPlugin',
    'Filter',
    'Options',
    'RequestHandler'
  ])
    names.delete(other)
  return names
}

function isPackage(node: unknown): boolean {
  return isSyntax(node) && node.value === 'http-proxy-middleware'
}

function pathsOf(
  args: readonly Syntax[],
  values: Values
): { readonly paths: readonly string[]; readonly rest: readonly Syntax[] } {
  const [first, ...rest] = args
  if (first === undefined) return { paths: [], rest: [] }
  const tree = values.read(first)
  const texts = tree.content.kind === 'list' || tree.content.kind === 'value' ? tree.texts : []
  return texts.length > 0 && texts.every((text) => /^[/*]/.test(text))
    ? { paths: texts, rest }
    : { paths: [], rest: args }
}

// `map.get(key)` is none.
function isHandler(rest: readonly Syntax[], verb: string): boolean {
  if (rest.length === 0) return false
  return verb === 'use' || rest.some(({ type }) => /Function/.test(type)) || rest.length > 1
}

function tellHandler(
  node: Syntax,
  verb: string,
  paths: readonly string[],
  rest: readonly Syntax[],
  place: Place,
  draft: Draft,
  guards: Guard[],
  values: Values
): void {
  const names = rest.map((arg) => nameOf(arg) || 'a function')
  const what = `${nameOf((node.callee as Syntax).object) || 'app'}.${verb}(${[...paths, ...names].join(', ')})`
  if (names.every((name) => HARMLESS.test(name))) {
    draft.note(
      'left-out',
      place,
      what,
      'the gateway has `cors`, `securityHeaders`, `compression` and an access log of its own'
    )
    return
  }
  const mayRefuse = (arg: Syntax, name: string): boolean => {
    const { content } = values.read(arg)
    return GUARD.test(name) || (content.kind === 'code' && REFUSES.test(content.source))
  }
  const isGuard = verb === 'use' && rest.some((arg, index) => mayRefuse(arg, names[index] ?? ''))
  if (isGuard)
    for (const path of paths.length > 0 ? paths : ['']) guards.push(...names.map((name) => ({ name, path })))
  draft.note(
    'left-out',
    place,
    what,
    isGuard
      ? 'it stands in front of the proxies behind it, which are closed'
      : 'code of your own: it stays in the app, or becomes the `handler` of a route or a hook'
  )
}
