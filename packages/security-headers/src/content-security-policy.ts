/** The sources of a directive: one, several, or `false` to leave the directive out. Keywords may stand without quotes. */
export type DirectiveSources = string | readonly string[] | false

/** A Content-Security-Policy: as text, by directives, or `false` for none. */
export type ContentSecurityPolicy = string | { readonly [directive: string]: DirectiveSources } | false

type Directives = Readonly<Record<string, DirectiveSources>>

/** Those of Helmet 8. */
export const DEFAULT_DIRECTIVES: Directives = Object.freeze({
  'default-src': 'self',
  'base-uri': 'self',
  'font-src': ['self', 'https:', 'data:'],
  'form-action': 'self',
  'frame-ancestors': 'self',
  'img-src': ['self', 'data:'],
  'object-src': 'none',
  'script-src': 'self',
  'script-src-attr': 'none',
  'style-src': ['self', 'https:', 'unsafe-inline'],
  'upgrade-insecure-requests': []
})

const NAME = /^[a-z][a-z0-9-]*$/
// Section 2.2.1 of CSP 3: a value has neither of these, and a header field no controls.
const SOURCE = /^[\x21-\x2b\x2d-\x3a\x3c-\x7e]+$/
const TEXT = /^[\x20-\x7e]+$/
/** What means itself only in quotes. */
const KEYWORD =
  /^(?:none|self|strict-dynamic|report-sample|inline-speculation-rules|unsafe-inline|unsafe-eval|unsafe-hashes|wasm-unsafe-eval|nonce-.+|sha(?:256|384|512)-.+)$/

/** Yields what is wrong with a policy. */
export function* checkPolicy(policy: unknown, at: string): Iterable<string> {
  if (policy === false) return
  if (typeof policy === 'string') {
    if (!TEXT.test(policy)) yield `${at}: must be printable ASCII without line breaks`
    return
  }
  if (typeof policy !== 'object' || policy === null || Array.isArray(policy)) {
    yield `${at}: must be a policy as text, an object of directives, or false`
    return
  }
  for (const [name, sources] of Object.entries(policy)) yield* checkDirective(name, sources, at)
}

function* checkDirective(name: string, sources: unknown, at: string): Iterable<string> {
  if (!NAME.test(name)) yield `${at}: '${name}' is no directive${dashed(name)}`
  if (sources === false) return
  for (const source of [sources].flat())
    if (typeof source !== 'string') yield `${at}.${name}: must be a source, a list of sources, or false`
    else if (!SOURCE.test(source)) yield `${at}.${name}: '${source}' is no source; give several as a list`
}

function dashed(name: string): string {
  const likely = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  return NAME.test(likely) ? `; did you mean '${likely}'?` : ''
}

/** The field of a policy; `''` for none. `beneath` are directives that it stands over, `tls` whether the client has TLS. */
export function policyField(policy: ContentSecurityPolicy, beneath: Directives, tls: boolean): string {
  if (policy === false) return ''
  if (typeof policy === 'string') return policy
  return Object.entries({ ...beneath, ...policy })
    .filter(([name, sources]) => sources !== false && (tls || name !== 'upgrade-insecure-requests'))
    .map(([name, sources]) => [name, ...[sources as string | readonly string[]].flat().map(quoted)].join(' '))
    .join(';')
}

function quoted(source: string): string {
  return KEYWORD.test(source) ? `'${source}'` : source
}
