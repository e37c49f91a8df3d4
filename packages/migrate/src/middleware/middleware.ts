import { CLOSED, Draft, type Options } from '../draft.js'
import { type Migration, MigrationError, type MigrationSource, type Place } from '../migration.js'
import { escaped } from '../nginx/patterns.js'
import type { Tree } from '../tree/tree.js'
import { type Mount, mountsIn } from './mounts.js'
import { optionsOf } from './options.js'
import { prefixOf, type RewriteRule, type RoutePath, rewriteOf, routePath } from './paths.js'
import { parseCode } from './syntax.js'
import { poolOf } from './targets.js'
import { Values } from './values.js'
import { majorOf } from './version.js'

/** Translates the proxies of http-proxy-middleware that a file of an app makes. The code is read, and not run. */
export function fromMiddleware(source: MigrationSource): Migration {
  const draft = new Draft()
  const program = parseCode(source)
  const values = new Values(program, source.file, source.text, draft)
  const mounts = mountsIn(program, values, source.file, draft)
  if (mounts.length === 0)
    throw new MigrationError(
      { file: source.file, line: 1 },
      'it makes no proxy: there is no call of createProxyMiddleware'
    )
  for (const mount of mounts) translate(mount, values, majorOf(source), draft)
  const [first] = mounts
  if (first !== undefined)
    draft.note(
      'differs',
      first.place,
      'limits',
      'bodies above 10 MiB are refused, and answers waited for 30 s: see `bodyLimit` and `timeouts`'
    )
  return draft.finish()
}

function translate(mount: Mount, values: Values, knownMajor: number | undefined, draft: Draft): void {
  const trees = mount.args.map((arg) => values.read(arg))
  const options = trees.find(({ content }) => content.kind === 'map')
  const context = trees[0] === options ? undefined : trees[0]
  if (options === undefined && context?.text === undefined) {
    draft.note('left-out', mount.place, 'createProxyMiddleware', 'its options are known at run time only')
    return
  }
  const filter = options?.get('pathFilter') ?? context
  const isLegacy = options?.get('onProxyReq') !== undefined || context !== undefined
  const major = knownMajor ?? (isLegacy ? 2 : 3)
  // From version 3 on, a proxy sees what the app has left of the path.
  const strips = major >= 3 && mount.isUse
  const target = options?.get('target')
  const router = options?.get('router')
  const pool = target === undefined ? null : poolOf(target, draft)
  const shared = options === undefined ? {} : optionsOf(options, draft)
  const rules = rulesOf(options?.get('pathRewrite'), draft)
  const ignorePath = options?.get('ignorePath')
  for (const path of pathsOf(mount, filter, major, draft)) {
    const strip = strips ? baseOf(mount, path) : ''
    const add = (place: Place, options: Options, more: RoutePath | null = null): void =>
      draft.route(place, {
        id: more?.path ?? path.path,
        path: more?.path ?? path.path,
        ...(mount.methods.length > 0 ? { methods: mount.methods } : {}),
        ...(more?.options ?? path.options),
        ...options
      })
    if (mount.guards.length > 0) {
      draft.note(
        'closed',
        mount.place,
        mount.guards.join(', '),
        'it stands in front of the proxy and may refuse requests: say who may, by `auth` and `authorize`'
      )
      add(mount.place, CLOSED)
      continue
    }
    if (path.options.respond !== undefined) {
      add(mount.place, {})
      continue
    }
    for (const [pattern, goal] of routesOf(router, draft))
      addRouted(pattern, goal, shared, rules[0], strip, add)
    if (pool === null) {
      if (router === undefined || router.content.kind === 'code') add(mount.place, CLOSED)
      continue
    }
    const forward = { pool, ...shared }
    if (ignorePath?.isTrue === true) add(mount.place, { ...forward, rewrite: { set: '/' } })
    else addRewritten(rules, strip, path, forward, mount.place, add, draft)
  }
  options?.tellUnread(draft)
}

type Add = (place: Place, options: Options, more?: RoutePath | null) => void

// The first rule that matches counts: each but a last one is a route of its own.
function addRewritten(
  rules: readonly (RewriteRule & { readonly place: Place })[],
  strip: string,
  path: RoutePath,
  forward: Options,
  place: Place,
  add: Add,
  draft: Draft
): void {
  const without = { ...forward, ...(strip === '' ? {} : { rewrite: { stripPrefix: strip } }) }
  const [only] = rules
  if (only === undefined) {
    add(place, without)
    return
  }
  if (rules.length === 1 && (strip === '' || only.pattern === '^/')) {
    add(place, { ...forward, rewrite: rewriteOf(only, strip) })
    return
  }
  for (const rule of rules) {
    const prefix = prefixOf(rule.pattern)
    const whole = `${strip}${prefix ?? ''}`
    if (prefix === null || !(whole.startsWith(path.base) || path.base.startsWith(whole))) {
      draft.note(
        'left-out',
        rule.place,
        'pathRewrite',
        `only rules that begin with a plain path below ${path.base}/ are translated beside others`
      )
      continue
    }
    if (path.base.startsWith(whole)) {
      add(place, { ...forward, rewrite: rewriteOf(rule, strip) })
      return
    }
    add(
      rule.place,
      { ...forward, rewrite: rewriteOf(rule, strip) },
      { path: `~^${escaped(whole)}`, options: {}, base: whole }
    )
  }
  add(place, without)
}

function addRouted(
  key: string,
  { pool, place }: { readonly pool: string; readonly place: Place },
  shared: Options,
  rule: RewriteRule | undefined,
  strip: string,
  add: Add
): void {
  const slash = key.indexOf('/')
  const host = (slash === -1 ? key : key.slice(0, slash)).replace(/:\d+$/, '')
  const below = slash === -1 ? '' : key.slice(slash).replace(/\/$/, '')
  const rewrite =
    rule !== undefined ? rewriteOf(rule, strip) : strip === '' ? undefined : { stripPrefix: strip }
  const options = {
    pool,
    ...shared,
    ...(host === '' ? {} : { host }),
    ...(rewrite === undefined ? {} : { rewrite })
  }
  const base = strip === '' ? below : `${strip}${below}`
  add(place, options, below === '' ? null : { path: `${base}/*`, options: {}, base })
}

function* routesOf(
  router: Tree | undefined,
  draft: Draft
): Generator<readonly [string, { readonly pool: string; readonly place: Place }]> {
  if (router === undefined) return
  if (router.content.kind !== 'map') {
    draft.note(
      'left-out',
      router.place,
      'router',
      'code: routes by `host`, `headers` or `query` choose a pool'
    )
    return
  }
  for (const [key, target] of router.fields) {
    const pool = poolOf(target, draft)
    if (pool !== null) yield [key, { pool, place: target.place }]
  }
}

function rulesOf(tree: Tree | undefined, draft: Draft): readonly (RewriteRule & { readonly place: Place })[] {
  if (tree === undefined) return []
  if (tree.content.kind !== 'map') {
    draft.note('left-out', tree.place, 'pathRewrite', 'code: write it as `rewrite`')
    return []
  }
  return tree.fields.flatMap(([pattern, { text, place }]) => {
    if (text !== undefined) return [{ pattern: pattern.replaceAll('\\/', '/'), replacement: text, place }]
    draft.note('left-out', place, 'pathRewrite', 'code: write it as `rewrite`')
    return []
  })
}

function pathsOf(mount: Mount, filter: Tree | undefined, major: number, draft: Draft): readonly RoutePath[] {
  const mounts = mount.paths.length > 0 ? mount.paths : ['']
  const filters = filter === undefined ? [''] : filter.content.kind === 'code' ? null : filter.texts
  if (filters === null && filter !== undefined) {
    draft.note(
      'closed',
      filter.place,
      'pathFilter',
      'code: the routes are closed until their paths and conditions say what it said'
    )
    return mounts.map((each) => ({
      path: `${each.replace(/\/$/, '')}/*`,
      options: CLOSED,
      base: each.replace(/\/$/, '')
    }))
  }
  return mounts.flatMap((each) =>
    (filters ?? []).flatMap((text) => {
      // Before version 3 a filter is for the whole path.
      const isExcluded = text.startsWith('!')
      const found = routePath(major >= 3 || text === '' ? each : '', mount.isUse, text.replace(/^!/, ''))
      // What a filter excludes goes on to the app, which has nothing for it.
      if (found !== null)
        return [isExcluded ? { ...found, options: { ...found.options, respond: { status: 404 } } } : found]
      draft.note(
        'left-out',
        filter?.place ?? mount.place,
        'pathFilter',
        `${isExcluded ? 'DANGER: it is forwarded: ' : ''}'${text}' is no path that a route could have`
      )
      return []
    })
  )
}

function baseOf({ paths }: Mount, { base }: RoutePath): string {
  return (
    paths
      .map((path) => path.replace(/\/(\*+\w*)?$/, ''))
      .find((path) => path !== '' && base.startsWith(path)) ?? ''
  )
}
