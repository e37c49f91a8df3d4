import { Draft } from '../draft.js'
import { type Migration, MigrationError, type MigrationSource } from '../migration.js'
import type { Tree } from '../tree/tree.js'
import { yamlTree } from '../tree/yaml-tree.js'
import { type Follow, routePath, validationOf } from './operations.js'
import { Schemas } from './schemas.js'
import { Security } from './security.js'

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'] as const
const DOCUMENTATION = [
  'openapi',
  'swagger',
  'info',
  'tags',
  'externalDocs',
  'components',
  'definitions',
  'parameters',
  'responses',
  'consumes',
  'produces',
  'schemes',
  'host',
  'basePath',
  'jsonSchemaDialect',
  'securityDefinitions'
]
const OF_OPERATIONS = [
  'summary',
  'description',
  'operationId',
  'tags',
  'deprecated',
  'responses',
  'externalDocs',
  'callbacks',
  'consumes',
  'produces',
  'schemes'
]

/** The pool that requests go to. */
const POOL = 'api'

/** Translates a description of OpenAPI 2.0 (Swagger), 3.0 or 3.1: a route for each operation. */
export function fromOpenApi(source: MigrationSource): Migration {
  const draft = new Draft()
  const tree = yamlTree(source)
  const version = tree.get('openapi')?.text ?? tree.get('swagger')?.text
  const paths = tree.get('paths')
  if (version === undefined || paths === undefined)
    throw new MigrationError(
      { file: source.file, line: 1 },
      'it has no `openapi` and `paths`: it is no description of OpenAPI'
    )
  const base = serverOf(tree, draft)
  const schemas = new Schemas(tree.data)
  const definitions = tree.get('components')?.get('securitySchemes') ?? tree.get('securityDefinitions')
  const security = new Security(definitions, draft)
  const follow = followerOf(tree)
  for (const [path, given] of paths.fields) {
    if (path.startsWith('x-')) continue
    const item = follow(given)
    const shared = item.get('parameters')
    for (const method of METHODS) {
      const operation = item.get(method)
      if (operation === undefined) continue
      if (method === 'head' && item.get('get') !== undefined) {
        operation.readAll()
        draft.note('not-needed', operation.place, `HEAD ${path}`, 'the route of GET takes HEAD too')
        continue
      }
      const requirements = operation.get('security') ?? tree.get('security')
      const validation = validationOf(operation, shared, follow, schemas, draft)
      draft.route(operation.place, {
        id: operation.get('operationId')?.text ?? `${method.toUpperCase()} ${path}`,
        path: routePath(`${base}${path}`),
        methods: [method.toUpperCase()],
        pool: POOL,
        ...(requirements === undefined ? {} : security.of(requirements)),
        ...(validation === undefined ? {} : { validation })
      })
      for (const name of OF_OPERATIONS) operation.get(name)?.readAll()
      tellExtensions(operation, draft)
    }
    for (const name of ['summary', 'description']) item.get(name)?.readAll()
    for (const [name, message] of [
      ['trace', 'TRACE is not forwarded'],
      ['servers', 'the servers of the whole are used']
    ] as const) {
      const found = item.get(name)
      found?.readAll()
      if (found !== undefined) draft.note('left-out', found.place, name, message)
    }
    tellExtensions(item, draft)
  }
  tree.get('security')?.readAll()
  for (const name of DOCUMENTATION) tree.get(name)?.readAll()
  tree.tellUnread(draft, '', (name) =>
    name === 'webhooks' ? 'they are sent by the API, and not forwarded' : 'it is not translated'
  )
  return draft.finish()
}

// Extensions may mean anything: those of a whole document would be told a thousand times.
function tellExtensions(tree: Tree, draft: Draft): void {
  if (tree.content.kind !== 'map') return
  for (const [name, field] of tree.content.fields) {
    if (!name.startsWith('x-')) continue
    field.readAll()
    draft.note('not-needed', field.place, name, 'extensions are for other tools')
  }
}

function followerOf(tree: Tree): Follow {
  return (given) => {
    let found = given
    for (let steps = 0; steps < 10; steps++) {
      const reference = found.get('$ref')?.text
      if (reference === undefined || !reference.startsWith('#/')) return found
      const target = reference
        .slice(2)
        .split('/')
        .reduce<Tree | undefined>(
          (each, step) => each?.get(step.replaceAll('~1', '/').replaceAll('~0', '~')),
          tree
        )
      if (target === undefined) return found
      found = target
    }
    return found
  }
}

// The path of the server stays in front: clients ask the gateway for the paths that they know.
function serverOf(tree: Tree, draft: Draft): string {
  const servers = tree.get('servers')?.items ?? []
  const [first, ...others] = servers
  for (const other of others)
    draft.note('left-out', other.place, 'servers', 'one server is the upstream: the first one')
  const url = first === undefined ? olderUrl(tree) : withDefaults(first)
  for (const server of servers) server.readAll()
  const isWhole = URL.canParse(url) && /^https?:/.test(url)
  if (!isWhole)
    draft.note(
      'left-out',
      (first ?? tree).place,
      'servers',
      'it names no host: write where the API is into pools.api, in place of http://localhost:3000'
    )
  const { origin, pathname } = new URL(url, 'http://localhost:3000')
  draft.pools[POOL] = { endpoints: [isWhole ? origin : 'http://localhost:3000'] }
  return pathname.replace(/\/$/, '')
}

function olderUrl(tree: Tree): string {
  const host = tree.get('host')?.text
  const base = tree.get('basePath')?.text ?? '/'
  const schemes = tree.get('schemes')?.texts ?? []
  return host === undefined
    ? base
    : `${schemes.includes('https') || schemes.length === 0 ? 'https' : 'http'}://${host}${base}`
}

function withDefaults(server: Tree): string {
  const variables = server.get('variables')
  return (server.get('url')?.text ?? '').replaceAll(
    /\{([^{}]+)\}/g,
    (_, name) => variables?.get(name)?.get('default')?.text ?? name
  )
}
