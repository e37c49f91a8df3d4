import { Draft } from '../draft.js'
import type { Migration, MigrationSource } from '../migration.js'
import { contextOf } from './context.js'
import { type Directive, readDirectives } from './directives.js'
import { DEFAULTS_NAME, NGINX_DEFAULTS } from './proxy.js'
import { Scope } from './scope.js'
import { translateServer } from './server.js'
import { type Listening, listeningOf, namesOf, type ServerNames } from './server-names.js'
import { settingsOf } from './settings.js'
import { meaningOf } from './without-counterpart.js'

interface Server {
  readonly directive: Directive
  readonly scope: Scope
  readonly listening: readonly Listening[]
  readonly names: ServerNames
}

/** Translates a configuration of nginx: a whole one, or a file with servers and upstreams alone. */
export function fromNginx(source: MigrationSource): Migration {
  const draft = new Draft()
  const used = new Set<Directive>()
  const top = readDirectives(source, draft)
  const http = top.filter(({ name }) => name === 'http')
  const outer = http.length > 0 ? http.flatMap(({ block = [] }) => block) : top
  const directives = http.length === 0 && isOfServer(top) ? [serverOf(top)] : outer
  const context = contextOf(directives, draft, used)
  draft.policies[DEFAULTS_NAME] = NGINX_DEFAULTS
  const around = new Scope(directives, null, used)
  for (const block of http) used.add(block)
  settingsOf(around, draft)
  const servers = around.own('server').map((directive): Server => {
    const scope = around.within(directive.block ?? [])
    return {
      directive,
      scope,
      listening: listeningOf(directive, scope, context),
      names: namesOf(scope, context)
    }
  })
  const kept = chosen(servers, draft)
  const fallback = kept.find(({ listening }) => listening.some(({ isDefault }) => isDefault)) ?? kept[0]
  for (const server of kept) {
    const { directive, scope, names } = server
    settingsOf(scope, draft)
    const takesAll = server === fallback || names.hosts.length === 0
    translateServer(directive, scope, takesAll ? { hosts: [] } : names, !takesAll, { context })
  }
  listen(kept, draft)
  tellRest(top, used, draft)
  return draft.finish()
}

// A file that is included in a server.
function isOfServer(top: readonly Directive[]): boolean {
  return top.some(({ name }) => name === 'location') && !top.some(({ name }) => name === 'server')
}

function serverOf(block: readonly Directive[]): Directive {
  const [first] = block
  return { file: first?.file ?? '', line: first?.line ?? 1, name: 'server', args: [], block }
}

// A gateway listens at one port. A server without TLS that only redirects to the one with it is not a route.
function chosen(servers: readonly Server[], draft: Draft): readonly Server[] {
  const withTls = servers.filter(({ listening }) => listening.some(({ tls }) => tls))
  const kept: Server[] = []
  const taken = new Map<string, Directive>()
  for (const server of [...withTls, ...servers.filter((each) => !withTls.includes(each))]) {
    const { directive, scope, names } = server
    if (withTls.length > 0 && !withTls.includes(server) && onlyRedirectsToTls(directive)) {
      scope.use(directive)
      draft.note(
        'left-out',
        directive,
        'server',
        'it redirects to https: set `requireTls: redirect` once TLS is spoken here, or in front of it by proxies in `trustedProxies`'
      )
      continue
    }
    const keys = names.hosts.length > 0 ? names.hosts : ['']
    const other = keys.map((key) => taken.get(key)).find((found) => found !== undefined)
    if (other !== undefined) {
      scope.use(directive)
      draft.note(
        'left-out',
        directive,
        'server',
        `another server has its name (line ${other.line}): a gateway listens at one port, so make a second configuration of this one`
      )
      continue
    }
    for (const key of keys) taken.set(key, directive)
    kept.push(server)
  }
  return servers.filter((server) => kept.includes(server))
}

function onlyRedirectsToTls({ block = [] }: Directive): boolean {
  const text = (directives: readonly Directive[]): readonly string[] =>
    directives.flatMap(({ name, args, block: inner = [] }) => [`${name} ${args.join(' ')}`, ...text(inner)])
  const all = text(block)
  const redirects = all.some((line) => /^(return 30\d|rewrite \S+) https:\/\//.test(line))
  return redirects && !all.some((line) => /^(proxy_pass|fastcgi_pass|uwsgi_pass|try_files) /.test(line))
}

function listen(servers: readonly Server[], draft: Draft): void {
  const all = servers.flatMap(({ listening }) => listening)
  const plain = all.find(({ tls }) => !tls)
  const tls = all.find((each) => each.tls)
  const port = tls === undefined ? plain?.port : undefined
  const isTaken = Object.values(draft.pools).some(({ endpoints }) =>
    JSON.stringify(endpoints).match(
      new RegExp(`//(localhost|127\\.0\\.0\\.1|\\[::1\\])${port === 80 ? '(:80)?' : `:${port}`}"`)
    )
  )
  if (port !== undefined && !isTaken) draft.top.listen = { port }
  if (isTaken && plain !== undefined)
    draft.note(
      'differs',
      plain.place,
      'listen',
      `an upstream is at port ${port} of this machine: the gateway listens on its default, 8080`
    )
  if (tls !== undefined)
    draft.note(
      'left-out',
      tls.place,
      'listen',
      'the gateway listens without TLS, on port 8080: use it in an app of your own with `https` (see the guide), or let a load balancer end TLS'
    )
  for (const { port: other, place } of all)
    if (port !== undefined && other !== port)
      draft.note(
        'differs',
        place,
        'listen',
        `the gateway listens on port ${port} alone; routes go by the host`
      )
}

const UPGRADES = { kind: 'left-out', message: 'WebSockets and other upgrades are not forwarded' } as const

// Nothing is dropped in silence.
function tellRest(directives: readonly Directive[], used: ReadonlySet<Directive>, draft: Draft): void {
  for (const directive of directives) {
    const { name, block } = directive
    if (!used.has(directive)) {
      const isUpgrade = name === 'map' && directive.args[0] === '$http_upgrade'
      const { kind, message } = isUpgrade ? UPGRADES : meaningOf(name)
      draft.note(kind, directive, name, message)
      if (name === 'upstream' || name === 'map' || name === 'types' || name === 'events') continue
    }
    if (block !== undefined) tellRest(block, used, draft)
  }
}
