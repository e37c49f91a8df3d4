import type { CorsOptions } from '@gatewright/gateway'
import { isLoopback } from '../view/addresses.js'
import type { ConfigView } from '../view/config-view.js'
import { givenIn } from '../view/given-in.js'
import type { LintRule } from './rule.js'

function* corsIn(view: ConfigView): Iterable<{ readonly path: string; readonly cors: CorsOptions }> {
  for (const { path, value } of givenIn(view, 'cors')) if (value !== false) yield { path, cors: value }
}

function originsOf({ origins }: CorsOptions): readonly (readonly [origin: string, step: string])[] {
  if (Array.isArray(origins))
    return origins.flatMap((one, index) =>
      typeof one === 'string' ? [[one, `origins[${index}]`] as const] : []
    )
  return typeof origins === 'string' ? [[origins, 'origins']] : []
}

export const plainOrigin: LintRule = {
  id: 'cors.plain-origin-with-credentials',
  severity: 'warning',
  title: 'Whoever is on the way to a page acts as its visitors',
  explanation:
    'An origin without TLS may send cookies. In any network that is not trusted somebody answers for this page, and its script then calls the API as the visitor, past the TLS of the API.',
  fix: 'List the origin with https. Those of the own machine are no finding.',
  found: `
routes:
  - { path: /api/*, respond: {}, cors: { origins: ['http://shop.example'], credentials: true } }`,
  clean: `
routes:
  - { path: /api/*, respond: {}, cors: { origins: ['https://shop.example'], credentials: true } }`,
  *find(view) {
    for (const { path, cors } of corsIn(view)) {
      if (cors.credentials !== true) continue
      for (const [origin, step] of originsOf(cors))
        if (/^http:/i.test(origin) && !isLoopback(origin.replace(/:\*$/, '')))
          yield { path: `${path}.${step}`, message: `${origin} has no TLS, and may send cookies` }
    }
  }
}

export const privateNetwork: LintRule = {
  id: 'cors.private-network-for-all',
  severity: 'error',
  title: 'Every page may call into the private network',
  explanation:
    'With `privateNetwork` browsers let pages of the Internet call this gateway in their private network, and `origins: "*"` makes that every page: what is protected only by being inside is open.',
  fix: 'List the origins that may.',
  found: `
routes:
  - { path: /api/*, respond: {}, cors: { origins: '*', privateNetwork: true } }`,
  clean: `
routes:
  - { path: /api/*, respond: {}, cors: { origins: ['https://shop.example'], privateNetwork: true } }`,
  *find(view) {
    for (const { path, cors } of corsIn(view))
      if (cors.privateNetwork === true && originsOf(cors).some(([origin]) => origin === '*'))
        yield { path: `${path}.privateNetwork`, message: 'any page of the Internet may call' }
  }
}

export const nullOrigin: LintRule = {
  id: 'cors.null-origin',
  severity: 'warning',
  title: 'An origin that every page can have',
  explanation:
    "'null' is not one page: a sandboxed frame, which any page can make, has it too. Allowing it is allowing all, without looking like it.",
  fix: "Say '*' where all may read, else list origins.",
  found: `
routes:
  - { path: /api/*, respond: {}, cors: { origins: ['https://shop.example', 'null'] } }`,
  clean: `
routes:
  - { path: /api/*, respond: {}, cors: { origins: ['https://shop.example'] } }`,
  *find(view) {
    for (const { path, cors } of corsIn(view))
      for (const [origin, step] of originsOf(cors))
        if (origin === 'null')
          yield { path: `${path}.${step}`, message: "any page can have the origin 'null'" }
  }
}

const SCRIPTS = ['script-src', 'script-src-elem', 'default-src'] as const
const UNSAFE = /^'?(?:unsafe-inline|unsafe-eval)'?$|^\*$|^https?:$|^data:$/

export const unsafePolicy: LintRule = {
  id: 'security-headers.unsafe-policy',
  severity: 'warning',
  title: 'A Content-Security-Policy that lets injected scripts run',
  explanation:
    'The directive for scripts allows what an injection is: inline code, `eval`, or scripts from anywhere. The policy then keeps nothing out of what it is for.',
  fix: 'Use nonces or hashes, and list the origins of scripts.',
  found: `
securityHeaders: { contentSecurityPolicy: { script-src: [self, unsafe-inline] } }
routes:
  - { path: /*, respond: {} }`,
  clean: `
securityHeaders: { contentSecurityPolicy: { script-src: [self, 'https://cdn.example'] } }
routes:
  - { path: /*, respond: {} }`,
  *find(view) {
    for (const { path, value } of givenIn(view, 'securityHeaders')) {
      if (typeof value !== 'object') continue
      const { contentSecurityPolicy: given } = value
      const directives = typeof given === 'string' ? parsed(given) : typeof given === 'object' ? given : {}
      for (const name of SCRIPTS) {
        const sources = (directives as Readonly<Record<string, unknown>>)[name]
        const all = [sources ?? []].flat().map(String)
        // Beside a nonce or a hash, browsers pass over 'unsafe-inline'.
        const hasNonce = all.some((one) => /^'?(?:nonce|sha\d+)-/.test(one))
        const unsafe = all.find((one) => UNSAFE.test(one) && !(hasNonce && one.includes('unsafe-inline')))
        if (unsafe !== undefined)
          yield { path: `${path}.contentSecurityPolicy`, message: `${name} allows ${unsafe}` }
      }
    }
  }
}

function parsed(policy: string): Record<string, readonly string[]> {
  return Object.fromEntries(
    policy.split(';').map((directive) => {
      const [name = '', ...sources] = directive.trim().split(/\s+/)
      return [name.toLowerCase(), sources]
    })
  )
}
