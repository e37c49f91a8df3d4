import { type PathSettings, readPath } from './path.js'

/** A request target (RFC 9112, section 3.2), taken apart. */
export interface Target {
  /** The canonical path; `'*'` for the asterisk form. */
  readonly path: string
  /** The query with its `?`, byte for byte; `''` for none. */
  readonly query: string
  /** The authority of an absolute-form target, which overrides `Host`; `''` for any other form. */
  readonly authority: string
  /** `redirect`: send the client to `path + query`. `rejected`: answer 400, for `rule`. */
  readonly kind: 'ok' | 'redirect' | 'rejected'
  readonly rule: string
}

const ABSOLUTE = /^https?:\/\/([^/?#]*)/i

/** Takes a request target apart and applies the path policy. Pure; never throws. */
export function readTarget(url: string, settings: PathSettings): Target {
  if (url === '*') return { path: '*', query: '', authority: '', kind: 'ok', rule: '' }
  let rest = url
  let authority = ''
  if (url.charCodeAt(0) !== 47) {
    const match = ABSOLUTE.exec(url)
    if (match === null || match[1] === '') return rejected('must begin with a slash')
    authority = match[1] as string
    rest = url.slice(match[0].length)
    if (rest[0] !== '/') rest = `/${rest}`
  }
  const mark = rest.indexOf('?')
  const query = mark === -1 ? '' : rest.slice(mark)
  if (query.includes('#')) return rejected('must not have a fragment')
  const read = readPath(mark === -1 ? rest : rest.slice(0, mark), settings)
  if (read.kind === 'invalid') return rejected(read.rule)
  if (read.kind === 'clean' || settings.policy === 'normalize')
    return { path: read.path, query, authority, kind: 'ok', rule: '' }
  // `Location: //host` would lead to another site (RFC 3986, section 4.2).
  if (settings.policy === 'redirect' && !read.path.startsWith('//'))
    return { path: read.path, query, authority, kind: 'redirect', rule: '' }
  return rejected('must be in canonical form')
}

function rejected(rule: string): Target {
  return { path: '/', query: '', authority: '', kind: 'rejected', rule }
}
