import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { createGateway } from '@gatewright/gateway'
import { fakeUpstream, seededChance } from '@gatewright/testing'
import { everyKey } from '../support/every-key.js'

class Foreign {
  readonly of = 'another kind'
}

const circle: Record<string, unknown> = {}
circle.itself = circle

/** Of the wrong type, at a limit, or hostile. */
const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1,
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 31,
  2 ** 53,
  1e308,
  12n,
  '',
  ' ',
  'x',
  '/',
  '*',
  '0',
  '0ms',
  '0B',
  '1B',
  '999999h',
  '999999GiB',
  'p99',
  'a\r\nb: c',
  '\0',
  '😀\ud800',
  'x'.repeat(5_000),
  '__proto__',
  'constructor',
  'toString',
  'http://127.0.0.1:0',
  [],
  [null],
  [[]],
  ['x'],
  ['x', 'x'],
  {},
  { x: 1 },
  { type: 'x' },
  { constructor: 'x' },
  circle,
  new Foreign(),
  new Map(),
  new Date(0),
  Buffer.from('x'),
  Symbol('x'),
  () => 'x'
]

type Place = readonly (string | number)[]

/** Every place of a value, the whole apart. */
function* placesOf(value: unknown, at: Place = []): Iterable<Place> {
  if (at.length > 0) yield at
  if (typeof value !== 'object' || value === null) return
  for (const [key, part] of Object.entries(value))
    yield* placesOf(part, [...at, Array.isArray(value) ? Number(key) : key])
}

/** A copy with another value at one place. */
function changed(value: unknown, [step, ...rest]: Place, to: unknown): unknown {
  if (step === undefined) return to
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<
    string | number,
    unknown
  >
  copy[step] = changed(copy[step], rest, to)
  return copy
}

const TARGETS = ['/main/1/x', '/set/1', '/v1/x', '/old/x', '/fixed', '/x']
// What a validator or a template says that nobody has put into words.
const RAW =
  /must match \^|must NOT|should |\[object|wrong type|null must be (?:string|number)|undefined'|NaN'/
const LINE = /^ {2}- \S[^:]*(?::[^ ][^:]*)*: .+/

/** What is wrong with a gateway of this configuration: neither refused in words nor working. */
async function faultsOf(config: unknown): Promise<string[]> {
  let gateway: ReturnType<typeof createGateway> | null = null
  try {
    gateway = createGateway(config as object)
    await gateway.ready()
    const faults: string[] = []
    for (const url of TARGETS) {
      const { statusCode } = await gateway.inject({ url, headers: { host: 'api.test' } })
      if (statusCode === 500) faults.push(`${url} is answered with 500`)
    }
    return faults
  } catch (error) {
    const { code, message, stack } = error as NodeJS.ErrnoException
    if (code !== 'GW_CONFIG_INVALID') return [String(stack ?? error)]
    const [, ...lines] = message.split('\n')
    return lines.filter((line) => RAW.test(line) || !(LINE.test(line) || line.startsWith('  - and ')))
  } finally {
    await gateway?.close()
  }
}

/** One in so many of all changes is tried: about 200. FUZZ_STRIDE=1 tries all of them, in an hour. */
const STRIDE = Number(process.env.FUZZ_STRIDE ?? 75)

test('whatever stands at a place of a configuration is refused in words, or works', {
  timeout: 170_000
}, async (t) => {
  const upstream = await fakeUpstream(t, {})
  const base = everyKey(upstream.url)
  const chance = seededChance(44)
  const faults: string[] = []
  const told = (warning: Error): void => void faults.push(String(warning))
  process.on('warning', told)
  t.after(() => process.off('warning', told))
  let tried = 0
  for (const place of placesOf(base))
    for (const value of VALUES) {
      // A destination of the log is a file that it makes.
      if (chance() * STRIDE > 1 || place.at(-1) === 'destination') continue
      tried++
      for (const fault of await faultsOf(changed(base, place, value)))
        faults.push(`${place.join('.')} = ${inspect(value, { depth: 0 }).slice(0, 40)}: ${fault}`)
    }
  assert.ok(tried > 100)
  assert.deepEqual(faults, [])
})
