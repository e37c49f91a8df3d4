import { type PathSettings, readPath } from '../model/path.js'

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
  /** Whether `path` was normalised in a way that another parser might not have done. */
  readonly changed: boolean
}

const ABSOLUTE = /^https?:\/\/([^/?#]*)/i

/** Takes a request target apart and applies the path policy. Pure; never throws. */
export function readTarget(url: string, settings: PathSettings, method = 'GET'): Target {
  if (url === '*')
    return method === 'OPTIONS' ? made('*', '', '', false) : rejected('must be a path for this method')
  let rest = url
  let authority = ''
  if (url.charCodeAt(0) !== 47) {
    const match = ABSOLUTE.exec(url)
    if (match === null || match[1] === '') return rejected('must begin with a slash')
    authority = match[1] as string
    rest = url.slice(match[0].length)
    // The last proxy asks the server as a whole (RFC 9112, section 3.2.4).
    if (rest === '' && method === 'OPTIONS') return made('*', '', authority, false)
    if (rest[0] !== '/') rest = `/${rest}`
  }
  const mark = rest.indexOf('?')
  const query = mark === -1 ? '' : rest.slice(mark)
  if (query.includes('#')) return rejected('must not have a fragment')
  const read = readPath(mark === -1 ? rest : rest.slice(0, mark), settings)
  if (read.kind === 'invalid') return rejected(read.rule)
  if (read.kind === 'clean' || settings.policy === 'normalize')
    return made(read.path, query, authority, read.kind === 'changed')
  // `Location: //host` would lead to another site (RFC 3986, section 4.2).
  if (settings.policy === 'redirect' && !read.path.startsWith('//'))
    return { ...made(read.path, query, authority, true), kind: 'redirect' }
  return rejected('must be in canonical form')
}

function made(path: string, query: string, authority: string, changed: boolean): Target {
  return { path, query, authority, kind: 'ok', rule: '', changed }
}

function rejected(rule: string): Target {
  return { path: '/', query: '', authority: '', kind: 'rejected', rule, changed: false }
}
