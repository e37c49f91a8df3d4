/** What gets much smaller, and is not compressed in itself. */
export const COMPRESSIBLE: readonly string[] = [
  'text/*',
  'application/json',
  'application/*+json',
  'application/x-ndjson',
  'application/xml',
  'application/*+xml',
  'application/javascript',
  'application/x-javascript',
  'application/graphql',
  'application/wasm',
  'application/yaml',
  'application/vnd.ms-fontobject',
  'application/x-www-form-urlencoded',
  'image/svg+xml',
  'image/bmp',
  'image/x-icon',
  'image/vnd.microsoft.icon',
  'font/ttf',
  'font/otf',
  'font/collection'
]

const EVENT_STREAM = 'text/event-stream'

/** Makes what says whether a `Content-Type` is one of these media types. An event stream has to be named in full. */
export function createTypeTest(types: readonly string[]): (contentType: string) => boolean {
  const exact = new Set(types.filter((type) => !type.includes('*')))
  const patterns = types.filter((type) => type.includes('*')).map(toTest)
  return (contentType) => {
    const end = contentType.indexOf(';')
    const type = (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase()
    if (exact.has(type)) return true
    return type !== EVENT_STREAM && type.includes('/') && patterns.some((matches) => matches(type))
  }
}

// `*` stands for a whole type, a whole subtype, or what is before a suffix.
function toTest(pattern: string): (type: string) => boolean {
  const [top = '', sub = ''] = pattern.split('/')
  const prefix = top === '*' ? '' : `${top}/`
  const suffix = sub.startsWith('*') ? sub.slice(1) : `/${sub}`
  return (type) => type.startsWith(prefix) && type.endsWith(suffix)
}
