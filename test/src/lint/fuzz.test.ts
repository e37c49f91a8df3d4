import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { checkInvariants, diffConfigs, formatChanges, lint } from '@gatewright/lint'
import { seededChance } from '@gatewright/testing'
import { composedSchemas } from '../support/config-schemas.js'
import { everyKey } from '../support/every-key.js'

const URL = 'http://10.0.0.1:3000'
const base = everyKey(URL)

type Place = readonly (string | number)[]

/** Every place of a value, the whole apart; functions and instances are leaves. */
function* placesOf(value: unknown, at: Place = []): Iterable<Place> {
  if (at.length > 0) yield at
  if (!isPlain(value)) return
  for (const [key, part] of Object.entries(value))
    yield* placesOf(part, [...at, Array.isArray(value) ? Number(key) : key])
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
}

function valueAt(value: unknown, place: Place): unknown {
  return place.reduce<unknown>((part, step) => (part as Record<string, unknown>)[step], value)
}

/** A copy with another value at one place, or without it. */
function changed(value: unknown, [step, ...rest]: Place, to: unknown): unknown {
  if (step === undefined) return to
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>
  if (rest.length > 0) copy[step] = changed(copy[step], rest, to)
  else if (to !== undefined) copy[step] = to
  else if (Array.isArray(copy)) copy.splice(Number(step), 1)
  else delete copy[step]
  return copy
}

const withValue = (place: Place, to: unknown): GatewayServerConfig =>
  changed(base, place, to) as GatewayServerConfig

/** A value of the same kind that means something else; `undefined` for what has parts. */
function other(value: unknown): unknown {
  switch (typeof value) {
    case 'number':
      return value + 1
    case 'boolean':
      return !value
    case 'function':
      return () => 'another'
    case 'string':
      return /^\d+(?:ms|s|m|h|B|KiB|MiB)$/.test(value)
        ? value.replace(/^\d+/, (digits) => String(Number(digits) + 1))
        : `${value}x`
    default:
      return undefined
  }
}

test('every change of a single value shows', () => {
  const unseen: string[] = []
  let tried = 0
  for (const place of placesOf(base)) {
    const to = other(valueAt(base, place))
    // What a policy gives this route, the route says itself.
    if (to === undefined || place.includes('use')) continue
    tried++
    if (diffConfigs(base, withValue(place, to)).length === 0) unseen.push(place.join('.'))
    if (diffConfigs(withValue(place, to), base).length === 0) unseen.push(`${place.join('.')}, back`)
  }
  assert.ok(tried > 300, `${tried}`)
  assert.deepEqual(unseen, [])
})

/** All descriptions of keys of the schema, by the name of the key. */
function describedIn(schema: unknown, found = new Map<string, string>()): Map<string, string> {
  if (!isPlain(schema)) return found
  for (const [key, part] of Object.entries(schema)) {
    if (isPlain(part) && typeof part.description === 'string')
      found.set(key, `${found.get(key) ?? ''}\n${part.description}`)
    describedIn(part, found)
  }
  return found
}

/** Defaults that the reference says in other words, and time limits that the route and its pool have alike. */
const SAID_OTHERWISE: readonly string[] = [
  'routes.0.timeouts.',
  'paths.',
  'underscores = reject',
  'pools.spare.balancing.decay = 10s'
]

test('a value that may be left out without a change is the default that the reference says', async () => {
  const descriptions = describedIn(await composedSchemas())
  const undocumented: string[] = []
  for (const place of placesOf(base)) {
    const value = valueAt(base, place)
    const key = String(place.at(-1))
    // Routes have a path, and what they are left with is none of this test's.
    if (isPlain(value) || place[0] === 'policies' || place.includes('use') || key === 'path') continue
    if (diffConfigs(base, withValue(place, undefined)).length > 0) continue
    const text = descriptions.get(key) ?? ''
    const [plain, quoted] = [String(value), `'${value}'`]
    const isSaid = [
      `efault ${plain}`,
      `efault: ${plain}`,
      `${quoted} (default)`,
      `${plain} (default)`,
      `efault ${quoted}`
    ]
    if (!isSaid.some((words) => text.includes(words))) undocumented.push(`${place.join('.')} = ${plain}`)
  }
  assert.deepEqual(
    undocumented.filter((value) => !SAID_OTHERWISE.some((known) => value.startsWith(known))),
    []
  )
})

/** The same with all keys in another order, and without what is in it twice. */
function turned(value: unknown): unknown {
  if (!isPlain(value)) return value
  if (Array.isArray(value)) return value.map(turned)
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, part]) => [key, turned(part)])
  )
}

test('a configuration does not differ from itself, nor by the order of keys and of routes', () => {
  assert.deepEqual(diffConfigs(base, everyKey(URL)), [])
  const turnedBase = turned(base) as GatewayServerConfig
  assert.deepEqual(diffConfigs(base, turnedBase), [])
  const { routes = [] } = base
  const plain = routes.filter(({ path }) => !path.startsWith('~'))
  const expressions = routes.filter(({ path }) => path.startsWith('~'))
  const reordered = { ...base, routes: [...expressions, ...plain.toReversed()] }
  assert.deepEqual(
    diffConfigs(base, reordered as GatewayServerConfig).map(({ message }) => message),
    []
  )
})

/** At limits, of other kinds, and empty ones: many are refused, and what is taken is looked at. */
const VALUES: readonly unknown[] = [
  true,
  false,
  0,
  1,
  2,
  50,
  1_000_000,
  '0ms',
  '1ms',
  '1h',
  '0B',
  '1GiB',
  '',
  '*',
  '/',
  '/*',
  '~^/a',
  'GET',
  'main',
  'http://127.0.0.1:1',
  [],
  ['GET'],
  ['*'],
  {},
  [{}],
  () => undefined
]

test('whatever a gateway takes, the lint, the invariants and the diff take too', {
  timeout: 170_000
}, async (t) => {
  const gateway = createGateway({ logger: false, accessLog: false })
  t.after(() => gateway.close())
  await gateway.ready()
  const chance = seededChance(14)
  const places = [...placesOf(base)].filter((place) => place.at(-1) !== 'destination')
  const faults: string[] = []
  let taken = 0
  for (let round = 0; round < 90; round++) {
    const place = places[Math.floor(chance() * places.length)] as Place
    const value = chance() < 0.3 ? undefined : VALUES[Math.floor(chance() * VALUES.length)]
    const next = { ...withValue(place, value), accessLog: false as const }
    const isTaken = await gateway.apply(next, { dryRun: true, onRestartKeys: 'keep' }).then(
      () => true,
      () => false
    )
    if (!isTaken) continue
    taken++
    try {
      lint(next, { production: true })
      checkInvariants(next, [{ name: 'all', require: { auth: true, maxBody: '1MiB', upstreamTls: true } }])
      for (const changes of [diffConfigs(base, next), diffConfigs(next, base)])
        for (const format of ['text', 'json', 'markdown'] as const) formatChanges(changes, format)
      assert.deepEqual(diffConfigs(next, next), [])
    } catch (error) {
      faults.push(`${place.join('.')} = ${String(value)}: ${(error as Error).stack}`)
    }
  }
  assert.ok(taken > 15, `${taken} are taken`)
  assert.deepEqual(faults, [])
})
