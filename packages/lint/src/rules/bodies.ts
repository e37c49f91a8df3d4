import { sizeBytes } from '@gatewright/core'
import { givenIn } from '../view/given-in.js'
import { nearer } from './places.js'
import type { LintRule } from './rule.js'

export const unchecked: LintRule = {
  id: 'validation.other-types-pass',
  severity: 'warning',
  title: 'Who calls JSON by another name is not checked',
  explanation:
    'With `otherMediaTypes: pass` a body is checked only when its Content-Type says JSON. Many upstreams read JSON under any name: a client says text/plain, and sends what it likes.',
  fix: 'Leave it at `reject`, or give other types a route of their own.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - path: /*
    pool: users
    validation: { body: { type: object }, otherMediaTypes: pass }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - path: /*
    pool: users
    validation: { body: { type: object } }`,
  *find({ routes }) {
    for (const route of routes) {
      const given = route.given('validation')
      const value = given?.value
      if (given !== undefined && value !== undefined && value !== false && value.otherMediaTypes === 'pass')
        yield { path: `${given.path}.otherMediaTypes`, message: 'a body of any other type is not checked' }
    }
  }
}

export const neverReached: LintRule = {
  id: 'validation.limit-never-reached',
  severity: 'warning',
  title: 'A size that the body limit ends before',
  explanation:
    '`validation.maxBytes` is above `bodyLimit`, which refuses larger bodies first: it promises a size that is not let in.',
  fix: 'Make `bodyLimit` as large, or `maxBytes` as small.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - path: /*
    pool: users
    bodyLimit: 1MiB
    validation: { body: { type: object }, maxBytes: 4MiB }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - path: /*
    pool: users
    bodyLimit: 4MiB
    validation: { body: { type: object }, maxBytes: 4MiB }`,
  *find({ routes }) {
    for (const route of routes) {
      const given = route.given('validation')
      const limit = route.given('bodyLimit')
      const value = given?.value
      if (given === undefined || value === undefined || value === false || value.maxBytes === undefined)
        continue
      if (limit?.value === false) continue
      const most = limit?.value ?? '10MiB'
      if ((sizeBytes(value.maxBytes) ?? 0) > (sizeBytes(most) ?? 0))
        yield {
          path: nearer(
            { path: `${given.path}.maxBytes`, from: given.from },
            limit ?? { path: '', from: 'gateway' }
          ),
          message: `maxBytes (${value.maxBytes}) is above bodyLimit (${most})`
        }
    }
  }
}

export const cookieWeakened: LintRule = {
  id: 'transform.cookie-weakened',
  severity: 'warning',
  title: 'Cookies lose what protects them',
  explanation:
    'The gateway takes `Secure` or `HttpOnly` off cookies that an upstream has set with it: they are then sent in plain text, or can be read by an injected script.',
  fix: 'Leave it out; for development, use `localhost`, where browsers take Secure cookies without TLS.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users, transform: { response: { cookies: { secure: false } } } }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users, transform: { response: { cookies: { secure: true } } } }`,
  *find(view) {
    for (const { path, value } of givenIn(view, 'transform')) {
      const cookies = value === false ? undefined : value.response?.cookies
      if (cookies === undefined || cookies === true) continue
      const isList = Array.isArray(cookies)
      for (const [index, one] of [cookies].flat().entries())
        for (const name of ['secure', 'httpOnly'] as const)
          if (one[name] === false)
            yield {
              path: `${path}.response.cookies${isList ? `[${index}]` : ''}.${name}`,
              message: `cookies lose ${name === 'secure' ? 'Secure' : 'HttpOnly'}`
            }
    }
  }
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

export const safeToUnsafe: LintRule = {
  id: 'transform.safe-to-unsafe',
  severity: 'warning',
  title: 'A link changes something',
  explanation:
    'A GET becomes a POST, PUT or DELETE on its way. Browsers, crawlers and previews send GET for any link, also one on a foreign page, with the cookies of whoever looks at it.',
  fix: 'Have clients send the method that is meant.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users, transform: { request: { method: { GET: POST } } } }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users, transform: { request: { method: { PATCH: POST } } } }`,
  *find(view) {
    for (const route of view.forwarding) {
      const given = route.given('transform')
      const value = given?.value
      const method = value === false ? undefined : value?.request?.method
      if (given === undefined || method === undefined) continue
      const place = `${given.path}.request.method`
      if (typeof method !== 'string') {
        for (const [from, to] of Object.entries(method))
          if (SAFE.has(from) && !SAFE.has(to))
            yield { path: `${place}.${from}`, message: `${from} becomes ${to}` }
      } else if (!SAFE.has(method) && (route.config.methods ?? ['GET']).includes('GET'))
        yield { path: place, message: `GET becomes ${method}` }
    }
  }
}

export const slowCompression: LintRule = {
  id: 'compression.slow-level',
  severity: 'warning',
  title: 'Compression that takes seconds of the processor',
  explanation:
    'Brotli above level 6 and Zstandard above 9 are meant for files that are compressed once. On the way they take a second for a few megabytes, and a few requests keep all threads busy.',
  fix: 'Leave the levels at their defaults: a few percent of size are left.',
  found: `
compression: { levels: { br: 11 } }
routes:
  - { path: /*, respond: {} }`,
  clean: `
compression: { levels: { br: 5 } }
routes:
  - { path: /*, respond: {} }`,
  *find(view) {
    for (const { path, value } of givenIn(view, 'compression')) {
      const { levels = {} } = typeof value === 'object' ? value : {}
      for (const [name, most] of [
        ['br', 6],
        ['zstd', 9]
      ] as const)
        if ((levels[name] ?? 0) > most)
          yield {
            path: `${path}.levels.${name}`,
            message: `${name} at level ${levels[name]} is for files that are compressed once`
          }
    }
  }
}

export const crossSite: LintRule = {
  id: 'compression.cross-site',
  severity: 'warning',
  title: 'A foreign page can find out secrets by the length of responses',
  explanation:
    'With `crossSite` responses to requests that a page of another site has made with the cookies of its visitor are compressed: such a page tries out a secret letter by letter, where the response repeats what it sends (BREACH).',
  fix: 'Leave it out.',
  found: `
compression: { crossSite: true }
routes:
  - { path: /*, respond: {} }`,
  clean: `
compression: { crossSite: false }
routes:
  - { path: /*, respond: {} }`,
  *find(view) {
    for (const { path, value } of givenIn(view, 'compression')) {
      const options = typeof value === 'object' ? value : {}
      if (options.crossSite === true)
        yield {
          path: `${path}.crossSite`,
          message: 'responses with secrets are compressed for foreign pages'
        }
    }
  }
}
