import { CLOSED, Draft, type Options } from '../draft.js'
import { type Migration, MigrationError, type MigrationSource } from '../migration.js'
import type { Tree } from '../tree/tree.js'
import { yamlTree } from '../tree/yaml-tree.js'
import { matchesOf } from './paths.js'
import { POLICIES, unknownPolicy } from './policies.js'
import { type Proxied, proxyOf, resolved } from './proxy.js'

/** Translates `gateway.config.yml` of Express Gateway. */
export function fromExpressGateway(source: MigrationSource): Migration {
  const draft = new Draft()
  const tree = yamlTree(source)
  const pipelines = tree.get('pipelines')
  if (pipelines === undefined || pipelines.text !== undefined)
    throw new MigrationError(
      { file: source.file, line: 1 },
      'it has no pipelines: it is no gateway.config.yml'
    )
  const port = Number(resolved(tree.get('http')?.get('port')?.text ?? ''))
  if (port > 0) draft.top.listen = { port }
  const https = tree.get('https')
  if (https !== undefined) {
    https.readAll()
    draft.note(
      'left-out',
      https.place,
      'https',
      'listen with TLS in an app of your own (see the guide), or let a load balancer end it'
    )
  }
  const admin = tree.get('admin')
  admin?.readAll()
  if (admin !== undefined)
    draft.note(
      'not-needed',
      admin.place,
      'admin',
      'users and keys stand in the configuration, which is read again when it changes'
    )
  tree.get('policies')?.readAll()
  const endpoints = new Map(tree.get('apiEndpoints')?.fields ?? [])
  const services = new Map(tree.get('serviceEndpoints')?.fields ?? [])
  const all: readonly Tree[] =
    pipelines.content.kind === 'list' ? pipelines.items : pipelines.fields.map(([, pipeline]) => pipeline)
  for (const pipeline of all) translatePipeline(pipeline, endpoints, services, draft)
  tree.tellUnread(draft)
  return draft.finish()
}

function translatePipeline(
  pipeline: Tree,
  endpoints: ReadonlyMap<string, Tree>,
  services: ReadonlyMap<string, Tree>,
  draft: Draft
): void {
  pipeline.get('name')
  const names = [
    ...(pipeline.get('apiEndpoints')?.texts ?? []),
    ...(pipeline.get('apiEndpoint')?.texts ?? [])
  ]
  const policies = pipeline.get('policies')
  const steps = policies === undefined ? [] : policies.items.flatMap(({ fields }) => fields)
  for (const name of names) {
    const endpoint = endpoints.get(name)
    if (endpoint === undefined) {
      draft.note('left-out', pipeline.place, 'apiEndpoints', `there is no '${name}'`)
      continue
    }
    for (const match of matchesOf(endpoint)) {
      const id = names.length === 1 || match.path !== undefined ? name : `${name} ${String(match.path)}`
      translateRoute(id, match, steps, services, pipeline, draft)
    }
  }
}

type Step = readonly [name: string, policy: Tree]

function translateRoute(
  id: string,
  match: Options,
  steps: readonly Step[],
  services: ReadonlyMap<string, Tree>,
  pipeline: Tree,
  draft: Draft
): void {
  const options: Options = {}
  const schemes: string[] = []
  const conditional: (Proxied & { readonly match: Options; readonly place: Tree })[] = []
  let forwards: Options | undefined
  for (const [name, policy] of steps) {
    const actions = policy.items.length > 0 ? policy.items : [undefined]
    for (const each of actions) {
      if (name === 'proxy') {
        const found = proxyOf(each, match, services, draft)
        if (found?.match !== undefined)
          conditional.push({ ...found, match: found.match, place: each ?? policy })
        else forwards ??= found?.options
        continue
      }
      const translate = POLICIES[name] ?? unknownPolicy(name)
      const action = each?.get('action')
      if (!applies(name, each, draft)) continue
      const result = translate(action, each ?? policy, draft)
      if (result.scheme !== undefined) schemes.push(result.scheme)
      merge(options, result.options)
    }
  }
  if (schemes.length > 0) options.auth = schemes.length === 1 ? schemes[0] : { all: schemes }
  for (const each of conditional) {
    const does =
      options.respond === undefined ? { ...options, ...each.options } : { respond: options.respond }
    draft.route(each.place.place, {
      id: `${id} by condition`,
      ...match,
      ...each.match,
      ...does,
      priority: 100
    })
  }
  if (options.respond !== undefined || forwards === undefined) {
    if (forwards === undefined && options.respond === undefined)
      draft.note('left-out', pipeline.place, id, 'nothing in its pipeline forwards: the route is closed')
    const { respond = CLOSED.respond } = options
    draft.route(pipeline.place, { id, ...match, authorize: undefined, respond })
    return
  }
  draft.route(pipeline.place, { id, ...match, ...options, ...forwards })
}

// Of a policy with a condition, guards hold always, which is stricter; others are left out.
function applies(name: string, step: Tree | undefined, draft: Draft): boolean {
  if (name === 'rewrite') return true
  const condition = step?.get('condition')
  const kind = condition?.get('name')?.text ?? 'always'
  if (kind === 'always') return true
  condition?.readAll()
  if (kind === 'never') return false
  const isGuard =
    !(name in POLICIES) ||
    ['jwt', 'key-auth', 'basic-auth', 'oauth2', 'oauth2-introspect', 'rate-limit'].includes(name)
  const { place } = condition ?? (step as Tree)
  if (isGuard) draft.note('differs', place, `${name}.condition`, 'it holds for all requests of the route')
  else {
    draft.note(
      'left-out',
      place,
      name,
      `its condition '${kind}' has nothing like it: make a route of its own for such requests`
    )
    step?.readAll()
  }
  return isGuard
}

function merge(into: Options, more: Options): void {
  for (const [key, value] of Object.entries(more)) {
    const there = into[key]
    const isMap = (each: unknown): each is Options =>
      typeof each === 'object' && each !== null && !Array.isArray(each)
    if (isMap(there) && isMap(value) && key === 'transform') merge(there, value)
    else if (isMap(there) && isMap(value) && ['request', 'response', 'headers', 'set'].includes(key))
      into[key] = { ...there, ...value }
    else into[key] = value
  }
}
