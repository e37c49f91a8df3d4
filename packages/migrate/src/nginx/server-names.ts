import type { Context } from './context.js'
import type { Directive } from './directives.js'
import type { Scope } from './scope.js'

/** Which hosts a server is for. */
export interface ServerNames {
  /** As in routes; none for a server that takes every host. */
  readonly hosts: readonly string[]
}

/** Where a server listens. */
export interface Listening {
  readonly port: number
  readonly tls: boolean
  readonly isDefault: boolean
  readonly place: Directive
}

/** Reads `listen` of a server; port 80 where it has none. Sockets in the file system are told. */
export function listeningOf(directive: Directive, scope: Scope, { draft }: Context): readonly Listening[] {
  const found: Listening[] = []
  const ssl = scope.one('ssl')?.args[0] === 'on'
  for (const place of scope.own('listen')) {
    const [address = '', ...flags] = place.args
    if (address.startsWith('unix:'))
      draft.note('left-out', place, 'listen', 'give the path to `listen()` in code')
    const port = Number(/(?:^|:)(\d+)$/.exec(address)?.[1] ?? 80)
    const tls = ssl || flags.includes('ssl')
    found.push({ port, tls, isDefault: flags.includes('default_server') || flags.includes('default'), place })
    if (flags.includes('proxy_protocol'))
      draft.note('left-out', place, 'proxy_protocol', 'the PROXY protocol is not read')
  }
  return found.length > 0 ? found : [{ port: 80, tls: false, isDefault: false, place: directive }]
}

/** Reads `server_name`. Names that routes have no host for are told. */
export function namesOf(scope: Scope, { draft }: Context): ServerNames {
  const hosts = new Set<string>()
  for (const directive of scope.own('server_name'))
    for (const name of directive.args) {
      if (name === '_' || name === '' || name === '""' || name === '$hostname') continue
      if (name.startsWith('.')) {
        hosts.add(name.slice(1).toLowerCase())
        hosts.add(`*${name.toLowerCase()}`)
      } else if (/^(\*\.)?[a-z\d_-]+(\.[a-z\d_-]+)*$/i.test(name) || /^\d+(\.\d+){3}$/.test(name))
        hosts.add(name.toLowerCase())
      else draft.note('left-out', directive, 'server_name', `there is no host like ${name}: list its names`)
    }
  return { hosts: [...hosts] }
}
