import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { type LintOptions, lint } from '../lint.js'
import type { Waiver } from './finding.js'

const now = new Date('2026-11-27T12:00:00Z')
const config: GatewayServerConfig = {
  pools: { users: { endpoints: ['http://10.0.0.1:3000', 'http://10.0.0.2:3000'] } },
  routes: [
    { id: 'users', path: '/users/*', pool: 'users', retry: { attempts: 1 } },
    { id: 'orders', path: '/orders/*', pool: 'users', retry: { attempts: 1 } }
  ]
}

const waiver = (more: Partial<Waiver>): Waiver => ({
  id: 'retry.never',
  reason: 'a pilot',
  expires: '2027-01-31',
  ...more
})

const left = (waivers: readonly Waiver[], more: LintOptions = {}): string[] =>
  lint(config, { now, waivers, ...more })
    .filter(({ waivedBy }) => waivedBy === undefined)
    .map(({ id, path }) => `${id} ${path}`)

const [first, second] = ['retry.never routes[0].retry.attempts', 'retry.never routes[1].retry.attempts']

test('a waiver is for a path and what is below it, for a route by its id, or for everything', () => {
  assert.deepEqual(left([]), [first, second])
  assert.deepEqual(left([waiver({})]), [])
  assert.deepEqual(left([waiver({ path: 'routes[1]' })]), [first])
  assert.deepEqual(left([waiver({ path: 'routes.orders.retry' })]), [first])
  assert.deepEqual(left([waiver({ path: 'routes.orders.retry.attempts' })]), [first])
})

test('a path that only begins like another one is not meant', () => {
  const unused = 'waiver.unused waivers[0]'
  for (const path of ['routes[', 'routes.order', 'route', ''])
    assert.deepEqual(left([waiver({ path })]).sort(), [first, second, unused].sort(), path)
})

test('a waived finding is there with its waiver', () => {
  const given = waiver({ path: 'routes.users' })
  assert.deepEqual(lint(config, { now, waivers: [given] })[0]?.waivedBy, given)
})

test('a waiver holds until the end of its day, or until its time, and is a finding from then on', () => {
  const on = (expires: string): string[] => left([waiver({ expires })])
  assert.deepEqual(on('2026-11-27'), [])
  assert.deepEqual(on('2026-11-27T12:00:01Z'), [])
  for (const expires of ['2026-11-26', '2026-11-27T12:00:00Z', '2026-11-27T13:00:00+02:00'])
    assert.deepEqual(on(expires), ['waiver.expired waivers[0]', first, second], expires)
})

test('what is no date does not hold', () => {
  for (const expires of ['soon', '', '2027-02-30', '2027-13-01', '27-01-01', '2027/01/01'])
    assert.deepEqual(left([waiver({ expires })]), ['waiver.invalid-date waivers[0]', first, second], expires)
})

test('of two waivers for one finding, one that holds will do', () => {
  assert.deepEqual(left([waiver({ expires: '2020-01-01' }), waiver({})]), ['waiver.expired waivers[0]'])
})

test('waivers stand in the configuration too, and say where', () => {
  const found = lint(
    { ...config, lint: { waivers: [waiver({ path: 'routes.users' }), waiver({ id: 'retry.nevr' })] } },
    { now, locate: (path) => ({ file: 'gateway.yaml', line: path.length, column: 1 }) }
  )
  assert.deepEqual(
    found.map(({ id, path, position, waivedBy }) => [id, path, position?.line, waivedBy !== undefined]),
    [
      ['waiver.unknown-rule', 'lint.waivers[1]', 15, false],
      ['retry.never', 'routes[0].retry.attempts', 24, true],
      ['retry.never', 'routes[1].retry.attempts', 24, false]
    ]
  )
  assert.match(found[0]?.message ?? '', /did you mean 'retry.never'/)
})

test('rules get other severities, in the configuration and over it, and those that there are not are refused', () => {
  const severities = (options: LintOptions, own = {}): string[] =>
    lint({ ...config, lint: { rules: own } }, { now, ...options }).map(({ severity }) => severity)
  assert.deepEqual(severities({}), ['warning', 'warning'])
  assert.deepEqual(severities({}, { 'retry.never': 'off' }), [])
  assert.deepEqual(severities({ rules: { 'retry.never': 'error' } }, { 'retry.never': 'off' }), [
    'error',
    'error'
  ])
  assert.throws(() => severities({ rules: { 'retry.nevr': 'off' } }), /did you mean 'retry.never'/)
  assert.throws(() => severities({}, { 'retry.never': 'loud' }), { code: 'GW_VALUE_INVALID' })
})

test('findings about waivers have severities too', () => {
  const expired = [waiver({ expires: '2020-01-01' })]
  assert.deepEqual(left(expired, { rules: { 'waiver.expired': 'off' } }), [first, second])
})

test('a waiver of a rule for production is unused only where such rules are looked for', () => {
  const given = [waiver({ id: 'production.cuts-off' }), waiver({})]
  assert.deepEqual(left(given), [])
  assert.ok(left(given, { production: true }).includes('waiver.unused waivers[0]'))
})
