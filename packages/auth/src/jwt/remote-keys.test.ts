import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type VirtualTime, virtualTime } from '@gatewright/testing'
import { type KeySet, keySetOf } from './key-set.js'
import { type FetchedKeys, RemoteKeys } from './remote-keys.js'
import type { VerificationKey } from './verification-key.js'

const MINUTE = 60_000
const jwkOf = (kid: string): object => ({
  ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
  kid
})
const one = jwkOf('one')
const two = jwkOf('two')

interface Fetch {
  succeed(keys: readonly object[], maxAgeMs?: number): void
  fail(why?: string): void
  readonly previous: KeySet | null
}

/** An identity provider that answers as a test says. */
function scripted(settings: Partial<ConstructorParameters<typeof RemoteKeys>[0]> = {}): {
  time: VirtualTime
  keys: RemoteKeys
  fetches: Fetch[]
  reports: (string | null)[]
  ask(kid: string): Promise<string>
  /** What has taken the place of keys that a token was not signed with. */
  others(kid: string | null, tried: readonly VerificationKey[]): Promise<readonly VerificationKey[]>
  found(kid: string): readonly VerificationKey[]
} {
  const time = virtualTime()
  const fetches: Fetch[] = []
  const reports: (string | null)[] = []
  const keys = new RemoteKeys(
    { refreshMs: 10 * MINUTE, staleIfErrorMs: 60 * MINUTE, cooldownMs: 30_000, ...settings },
    {
      clock: time.clock,
      timers: time.timers,
      chance: () => 0.5,
      report: (failure) => reports.push(failure),
      fetch(previous) {
        let reject: (error: Error) => void = () => {}
        const fetched = new Promise<FetchedKeys>((resolve, refuse) => {
          reject = refuse
          fetches.push({
            previous,
            succeed: (of, maxAgeMs) =>
              resolve({ keys: keySetOf({ keys: of }, previous), maxAgeMs: maxAgeMs ?? null }),
            fail: (why = 'it is down') => refuse(new Error(why))
          })
        })
        return { keys: fetched, abort: () => reject(new Error('given up')) }
      }
    }
  )
  const ask = (kid: string): Promise<string> =>
    new Promise((resolve) => {
      keys.find('ES256', kid, (found) => resolve(typeof found === 'string' ? found : `${found.length} found`))
    })
  const others = (
    kid: string | null,
    tried: readonly VerificationKey[]
  ): Promise<readonly VerificationKey[]> =>
    new Promise((resolve) => {
      keys.findOthers('ES256', kid, tried, resolve)
    })
  const found = (kid: string): readonly VerificationKey[] => {
    let known: readonly VerificationKey[] = []
    keys.find('ES256', kid, (list) => {
      if (typeof list !== 'string') known = list
    })
    return known
  }
  return { time, keys, fetches, reports, ask, others, found }
}

test('the first fetch begins at once, and requests wait for it', async () => {
  const { keys, fetches, ask } = scripted()
  assert.equal(fetches.length, 1)
  const asked = [ask('one'), ask('one'), ask('two')]
  fetches[0]?.succeed([one])
  assert.deepEqual(await Promise.all(asked), ['1 found', '1 found', '0 found'])
  assert.equal(fetches.length, 1)
  assert.deepEqual(
    { ...keys.state(), ageMs: 0 },
    { keys: 1, ageMs: 0, isStale: false, fetches: 1, failures: 0 }
  )
})

test('without any keys requests are told so at once between two tries', async () => {
  const { time, fetches, ask } = scripted()
  const first = ask('one')
  fetches[0]?.fail('ECONNREFUSED')
  assert.equal(await first, 'keys cannot be fetched: ECONNREFUSED')
  assert.equal(await ask('one'), 'keys cannot be fetched: ECONNREFUSED')
  assert.equal(fetches.length, 1)
  time.advance(1_000)
  assert.equal(fetches.length, 2)
  fetches[1]?.succeed([one])
  await setImmediate()
  assert.equal(await ask('one'), '1 found')
})

test('tries are further and further apart, up to a minute', async () => {
  const { time, fetches } = scripted()
  const gaps: number[] = []
  let last = time.now()
  for (let n = 0; n < 9; n++) {
    fetches[n]?.fail()
    await setImmediate()
    time.advance(time.nextAt() - time.now())
    gaps.push(time.now() - last)
    last = time.now()
  }
  assert.deepEqual(gaps, [750, 1_500, 3_000, 6_000, 12_000, 24_000, 45_000, 45_000, 45_000])
})

test('keys are fetched again before they are too old, while requests go on with those that are there', async () => {
  const { time, fetches, ask } = scripted()
  fetches[0]?.succeed([one], 20 * MINUTE)
  await setImmediate()
  time.advance(15 * MINUTE)
  assert.equal(fetches.length, 1)
  time.advance(3 * MINUTE)
  assert.equal(fetches.length, 2)
  assert.equal(await ask('one'), '1 found')
  fetches[1]?.succeed([two])
  await setImmediate()
  assert.equal(await ask('two'), '1 found')
})

test('max-age has bounds, from a minute to a day', async () => {
  const { time, fetches } = scripted()
  fetches[0]?.succeed([one], 0)
  await setImmediate()
  assert.equal(time.nextAt() - time.now(), MINUTE * 0.825)
  time.advance(MINUTE)
  fetches[1]?.succeed([one], 9e12)
  await setImmediate()
  assert.equal(time.nextAt() - time.now(), 24 * 60 * MINUTE * 0.825)
})

test('an outage of the identity provider does not matter as long as the keys may be stale', async () => {
  const { time, keys, fetches, reports, ask } = scripted()
  fetches[0]?.succeed([one])
  await setImmediate()
  const end = time.now() + 70 * MINUTE
  while (time.nextAt() < end) {
    time.advance(time.nextAt() - time.now())
    fetches.at(-1)?.fail()
    await setImmediate()
    if (time.now() < end) assert.equal(await ask('one'), '1 found')
  }
  assert.equal(keys.state().isStale, true)
  assert.ok(keys.state().failures > 50 && keys.state().failures < 120, String(keys.state().failures))
  time.advance(end - time.now())
  assert.equal(await ask('one'), 'keys cannot be fetched: it is down')
  assert.equal(reports.at(-1), 'it is down')
  time.advance(MINUTE)
  fetches.at(-1)?.succeed([one])
  await setImmediate()
  assert.equal(await ask('one'), '1 found')
  assert.equal(reports.at(-1), null)
})

test('keys beyond their time are withdrawn, so that no remembered token outlives them', async () => {
  const { time, keys, fetches } = scripted({ staleIfErrorMs: 0 })
  fetches[0]?.succeed([one])
  await setImmediate()
  let live = (): boolean => true
  keys.find('ES256', 'one', (found) => {
    live = () => typeof found !== 'string' && found[0]?.live === true
  })
  time.advance(10 * MINUTE - 1)
  assert.equal(live(), true)
  time.advance(1)
  assert.equal(live(), false)
})

test('a flood of unknown key ids causes one fetch in a cooldown', async () => {
  const { time, fetches, ask } = scripted()
  fetches[0]?.succeed([one])
  await setImmediate()
  for (let second = 0; second < 120; second++) {
    const asked = Array.from({ length: 100 }, (_, n) => ask(`made-up-${second}-${n}`))
    fetches.at(-1)?.succeed([one])
    assert.deepEqual(new Set(await Promise.all(asked)), new Set(['0 found']))
    time.advance(1_000)
  }
  assert.equal(fetches.length, 1 + 3)
})

test('a rotated key is found by the first token that is signed with it', async () => {
  const { time, fetches, ask } = scripted()
  fetches[0]?.succeed([one])
  await setImmediate()
  time.advance(31_000)
  const asked = [ask('two'), ask('two'), ask('one')]
  assert.equal(fetches.length, 2)
  assert.equal(await asked[2], '1 found')
  fetches[1]?.succeed([one, two])
  assert.deepEqual(await Promise.all(asked), ['1 found', '1 found', '1 found'])
})

test('a fetch for the sake of a token takes the place of the one that was due', async () => {
  const { time, fetches, ask } = scripted()
  fetches[0]?.succeed([one])
  await setImmediate()
  time.advance(5 * MINUTE)
  void ask('two')
  assert.equal(fetches.length, 2)
  time.advance(4 * MINUTE)
  assert.equal(fetches.length, 2)
  fetches[1]?.succeed([one, two])
  await setImmediate()
  time.advance(8 * MINUTE)
  assert.equal(fetches.length, 2)
  time.advance(MINUTE)
  assert.equal(fetches.length, 3)
})

test('whether an unknown key id is a new one nobody knows while keys cannot be fetched', async () => {
  const { time, fetches, ask } = scripted()
  fetches[0]?.succeed([one])
  await setImmediate()
  time.advance(31_000)
  const asked = ask('two')
  fetches[1]?.fail()
  assert.equal(await asked, 'keys cannot be fetched: it is down')
  assert.equal(await ask('one'), '1 found')
})

test('keys that stay the same are the same objects, and those that are gone are withdrawn', async () => {
  const { time, keys, fetches } = scripted()
  const found = (kid: string): unknown => {
    let key: unknown
    keys.find('ES256', kid, (list) => {
      key = typeof list === 'string' ? null : list[0]
    })
    return key
  }
  fetches[0]?.succeed([one, two])
  await setImmediate()
  const [first, second] = [found('one'), found('two')] as { live: boolean }[]
  time.advance(9 * MINUTE)
  fetches[1]?.succeed([one])
  await setImmediate()
  assert.equal(found('one'), first)
  assert.equal(first?.live, true)
  assert.equal(second?.live, false)
})

test('once closed nothing is fetched any more, and nobody waits', async () => {
  const { time, keys, fetches, ask } = scripted()
  const asked = ask('one')
  keys.close()
  assert.match(await asked, /given up/)
  assert.equal(time.pending, 0)
  time.advance(60 * MINUTE)
  assert.equal(fetches.length, 1)
  assert.match(await ask('one'), /given up/)
})

test('a key that takes the place of another under its id is found by the first token signed with it', async () => {
  const { time, fetches, others, found } = scripted()
  fetches[0]?.succeed([one])
  await setImmediate()
  const tried = found('one')
  time.advance(31_000)
  const asked = [others('one', tried), others('one', tried)]
  assert.equal(fetches.length, 2)
  fetches[1]?.succeed([{ ...two, kid: 'one' }])
  for (const keys of await Promise.all(asked)) {
    assert.equal(keys.length, 1)
    assert.notEqual(keys[0], tried[0])
  }
  assert.equal(tried[0]?.live, false)
})

test('a flood of wrong signatures, and of unknown key ids beside it, causes one fetch in a cooldown', async () => {
  const { time, fetches, others, ask, found } = scripted()
  fetches[0]?.succeed([one])
  await setImmediate()
  for (let second = 0; second < 120; second++) {
    const asked = Array.from({ length: 50 }, () => others('one', found('one')))
    const unknown = Array.from({ length: 50 }, (_, n) => ask(`made-up-${second}-${n}`))
    fetches.at(-1)?.succeed([one])
    assert.deepEqual(new Set((await Promise.all(asked)).map(({ length }) => length)), new Set([0]))
    assert.deepEqual(new Set(await Promise.all(unknown)), new Set(['0 found']))
    time.advance(1_000)
  }
  assert.equal(fetches.length, 1 + 3)
})

test('while keys cannot be fetched a wrong signature takes nothing from those that are there', async () => {
  const { time, fetches, others, ask, found } = scripted()
  fetches[0]?.succeed([one])
  await setImmediate()
  for (let round = 0; round < 5; round++) {
    time.advance(31_000)
    const tried = found('one')
    const asked = others('one', tried)
    assert.equal(await ask('one'), '1 found')
    fetches.at(-1)?.fail()
    assert.deepEqual(await asked, [])
    assert.equal(tried[0]?.live, true)
    assert.equal(await ask('one'), '1 found')
  }
})

test('once closed nobody waits for others', async () => {
  const { keys, fetches, others, found } = scripted()
  fetches[0]?.succeed([one])
  await setImmediate()
  keys.close()
  assert.deepEqual(await others('one', found('one')), [])
  assert.equal(fetches.length, 1)
})
