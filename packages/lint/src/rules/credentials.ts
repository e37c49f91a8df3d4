import { durationMs } from '@gatewright/core'
import { authOf, isSentAlong, schemesIn } from '../view/auth.js'
import type { LintRule } from './rule.js'

/** Of no password that anybody has. */
const PASSWORD = '$scrypt$ln=15,r=8,p=1$A11c4FaXkYTwQsrI/qqrYg$4PqzYB0SQDJB6GZhhHDUUrWxsLHmFqWc8qYSQnU0CHI'

const HASH = 'sha256:0000000000000000000000000000000000000000000000000000000000000000'

export const expiredKey: LintRule = {
  id: 'auth.expired-key',
  severity: 'warning',
  title: 'A key that nobody can use',
  explanation:
    'Its `expires` is over, or is before its `notBefore`. Whoever still has it gets 401, and the list of keys says less than it seems to.',
  fix: 'Take it out, or correct the date.',
  found: `
authentication: { schemes: { keys: { type: apiKey, keys: [{ hash: '${HASH}', expires: '2020-01-01' }] } } }
auth: keys`,
  clean: `
authentication: { schemes: { keys: { type: apiKey, keys: [{ hash: '${HASH}', expires: '2999-01-01' }] } } }
auth: keys`,
  *find({ config }, now) {
    for (const { path, scheme } of schemesIn(config)) {
      if (scheme.type !== 'apiKey') continue
      for (const [index, { expires, notBefore }] of (scheme.keys ?? []).entries()) {
        if (expires === undefined) continue
        const end = Date.parse(expires)
        const place = `${path}.keys[${index}].expires`
        if (notBefore !== undefined && Date.parse(notBefore) >= end)
          yield { path: place, message: `it expires (${expires}) before it begins (${notBefore})` }
        else if (end <= now.getTime()) yield { path: place, message: `it has expired (${expires})` }
      }
    }
  }
}

/** Most guesses a minute that a password of people stands. */
const MOST_PER_MINUTE = 600

export const guessing: LintRule = {
  id: 'auth.guessing-unlimited',
  severity: 'warning',
  title: 'Passwords may be guessed as fast as one likes',
  explanation:
    'A scheme takes passwords, and `authentication.failures` is off or lets a client fail more than 600 times a minute. The passwords of people do not stand that for long.',
  fix: 'Leave `failures` at 30 in a minute, or give a limit and a window of your own.',
  found: `
authentication:
  schemes: { staff: { type: basic, users: { ada: '${PASSWORD}' } } }
  failures: false
auth: staff`,
  clean: `
authentication:
  schemes: { staff: { type: basic, users: { ada: '${PASSWORD}' } } }
  failures: { limit: 10, window: 5m }
auth: staff`,
  *find({ config }) {
    const failures = config.authentication?.failures
    const basic = [...schemesIn(config)].find(({ scheme }) => scheme.type === 'basic')
    if (failures === undefined || basic === undefined) return
    if (failures === false) {
      yield { path: 'authentication.failures', message: `nothing limits guesses at '${basic.name}'` }
      return
    }
    const { limit = 30, window = '1m' } = failures
    const perMinute = limit / ((durationMs(window) ?? 1) / 60_000)
    if (perMinute > MOST_PER_MINUTE)
      yield {
        path: 'authentication.failures.limit',
        message: `a client may guess ${Math.round(perMinute)} times a minute`
      }
  }
}

export const redirected: LintRule = {
  id: 'tls.credentials-redirected',
  severity: 'warning',
  title: 'Clients that send credentials in plain text do not notice',
  explanation:
    '`requireTls: redirect` answers a request without TLS with the right URL. A program follows it and works, and goes on to send its password, key or token in plain text first, every time.',
  fix: 'Use `requireTls: refuse` where credentials stand in headers: the client fails at once, and is mended.',
  found: `
authentication: { schemes: { staff: { type: basic, users: { ada: '${PASSWORD}' } } } }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, host: api.test, pool: users, auth: staff, requireTls: redirect }`,
  clean: `
authentication: { schemes: { staff: { type: basic, users: { ada: '${PASSWORD}' } } } }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, host: api.test, pool: users, auth: staff, requireTls: refuse }`,
  *find({ routes, config }) {
    const schemes = new Map([...schemesIn(config)].map(({ name, scheme }) => [name, scheme]))
    for (const route of routes) {
      const given = route.given('requireTls')
      const auth = authOf(route)
      if (given === undefined || given.value === false || auth === undefined) continue
      const action = typeof given.value === 'string' ? given.value : given.value.action
      const name = auth.ways.flat().find((one) => isSentAlong(schemes.get(one)))
      if (action === 'redirect' && name !== undefined)
        yield { path: given.path, message: `route '${route.id}' takes credentials in a header ('${name}')` }
    }
  }
}
