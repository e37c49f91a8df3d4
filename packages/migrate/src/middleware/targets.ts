import type { Draft } from '../draft.js'
import type { Tree } from '../tree/tree.js'

/** The pool of a target; `null` where it leads nowhere, which is told. */
export function poolOf(target: Tree, draft: Draft): string | null {
  const object = target.content.kind === 'map' ? target : null
  const url =
    object === null
      ? target.text
      : `${object.get('protocol')?.text ?? 'http:'}//${object.get('host')?.text}:${object.get('port')?.text ?? 80}`
  object?.readAll()
  if (url === undefined || !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    if (content(target).includes('process.env')) return unknownPool(target, draft)
    draft.note(
      'left-out',
      target.place,
      'target',
      `${url === undefined ? 'it is known at run time only' : `'${url}' is no URL with http or https`}: the route is closed`
    )
    return null
  }
  const { host, pathname, protocol } = new URL(url)
  const path = pathname === '/' ? '' : pathname.replace(/\/$/, '')
  const base = `${host}${path}`.replaceAll(/[^\w.-]+/g, '-')
  const endpoint = `${protocol}//${host}${path}`
  const isOther =
    draft.pools[base] !== undefined &&
    JSON.stringify(draft.pools[base]?.endpoints) !== JSON.stringify([endpoint])
  const id = isOther ? `${base}-${protocol.slice(0, -1)}` : base
  draft.pools[id] ??= { endpoints: [endpoint] }
  return id
}

function content({ content: found }: Tree): string {
  return found.kind === 'code' ? found.source : ''
}

// A name that leads nowhere (RFC 6761, section 6.4), until it is known where to.
function unknownPool(target: Tree, draft: Draft): string {
  const name =
    /process\.env\.(\w+)/.exec(content(target))?.[1]?.toLowerCase().replaceAll('_', '-') ?? 'upstream'
  draft.note(
    'left-out',
    target.place,
    'target',
    `it is known at run time only: write the URL in place of http://${name}.invalid`
  )
  draft.pools[name] ??= { endpoints: [`http://${name}.invalid`] }
  return name
}
