// Schemes of apps, such as `capacitor` and `chrome-extension`, are origins too.
const WRITTEN = /^([a-z][a-z0-9+.-]*):\/\/([^\s,/?#@\\:[\]]+|\[[0-9a-f:.]+\])(?::(\d{1,5}|\*))?$/
const DEFAULT_PORTS: Readonly<Record<string, string | undefined>> = { http: '80', https: '443' }

/** The expression for a wildcard that has been checked: subdomains of any depth, or any port. */
export function wildcardOf(text: string): RegExp {
  const [, scheme = '', host = '', port] = WRITTEN.exec(text) as RegExpExecArray
  const name = host.startsWith('*.') ? `(?:[a-z0-9_-]+\\.)+${escaped(host.slice(2))}` : escaped(host)
  const behind = port === '*' ? '(?::\\d{1,5})?' : port === undefined ? '' : `:${port}`
  return new RegExp(`^${escaped(scheme)}://${name}${behind}$`)
}

/** What is wrong with an origin as the configuration writes it; `undefined` for nothing. */
export function originProblem(text: string): string | undefined {
  if (text === 'null') return undefined
  if (text === '*') return `'*' means all origins and stands alone: origins: '*'`
  const match = WRITTEN.exec(text)
  if (match === null) return `'${text}' is not an origin${suggested(text)}`
  const [, scheme = '', host = '', port] = match
  const name = host.startsWith('*.') ? host.slice(2) : host
  if (name.includes('*'))
    return `'${text}': '*' stands for subdomains (https://*.example.com) or a port (:*) alone`
  if (name !== host && !name.includes('.') && name !== 'localhost')
    return `'${text}' would allow every site below '.${name}'`
  if (port !== undefined && port !== '*' && port === DEFAULT_PORTS[scheme])
    return `'${text}': browsers leave the default port out${meant(text.slice(0, -port.length - 1))}`
  if (scheme !== 'http' && scheme !== 'https') return undefined
  return isAsSent(`${scheme}://${name}`)
    ? undefined
    : `'${text}' is not as browsers write it${suggested(text)}`
}

function isAsSent(origin: string): boolean {
  return URL.canParse(origin) && new URL(origin).origin === origin
}

// A URL in the place of an origin, a host without its scheme, capital letters, other scripts.
function suggested(text: string): string {
  const full = text.includes('://') ? text : `https://${text}`
  const host = full.replace('://*.', '://')
  if (!URL.canParse(host)) return ", such as 'https://shop.example'"
  const { origin } = new URL(host)
  if (origin === 'null') return ", such as 'https://shop.example'"
  return meant(full === host ? origin : origin.replace('://', '://*.'))
}

function meant(text: string): string {
  return `; did you mean '${text}'?`
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
