import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { type VirtualTime, virtualTime } from '@gatewright/testing'
import type { Json } from '../tokens/strict-json.js'
import { TokenProblem } from '../tokens/token-problem.js'
import { Introspector, type IntrospectorRules } from './introspector.js'
import type { ActiveToken } from './response.js'

const RULES: IntrospectorRules = {
  issuers: null,
  audiences: null,
  maxTokenBytes: 8_192,
  timeoutMs: 2_000,
  activeMs: 60_000,
  inactiveMs: 10_000,
  maxCached: 100
}

interface Asked {
  readonly token: string
  answer(response: unknown): void
  fail(why?: string): void
}

function scripted(rules: Partial<IntrospectorRules> = {}): {
  time: VirtualTime
  introspector: Introspector<ActiveToken>
  asked: Asked[]
  reports: string[]
  look(token: string): Promise<string>
} {
  const time = virtualTime(1_000_000)
  const asked: Asked[] = []
  const reports: string[] = []
  const introspector = new Introspector<ActiveToken>(
    { ...RULES, ...rules },
    {
      clock: time.clock,
      wallClock: time.clock,
      report: (failure) => reports.push(failure),
      make(token) {
        if (token.claims.sub === undefined) throw new TokenProblem("it has no claim 'sub'")
        return token
      },
      ask(token) {
        let refuse: (error: Error) => void = () => {}
        const answer = new Promise<Json>((resolve, reject) => {
          refuse = reject
          asked.push({
            token,
            answer: (response) => resolve(response as Json),
            fail: (why = 'it is down') => reject(new Error(why))
          })
        })
        return { answer, abort: () => refuse(new Error('given up')) }
      }
    }
  )
  const look = (token: string): Promise<string> =>
    new Promise((resolve) => {
      introspector.verify(token, (verdict) =>
        resolve(verdict.kind === 'valid' ? 'valid' : `${verdict.kind}: ${verdict.why}`)
      )
    })
  return { time, introspector, asked, reports, look }
}

test('a token is looked up once, however many requests bring it, and then remembered', async () => {
  const { introspector, asked, look } = scripted()
  const looks = Array.from({ length: 20 }, () => look('abc'))
  assert.equal(asked.length, 1)
  asked[0]?.answer({ active: true, sub: 'ada' })
  assert.deepEqual(new Set(await Promise.all(looks)), new Set(['valid']))
  assert.equal(await look('abc'), 'valid')
  assert.equal(asked.length, 1)
  assert.notEqual(introspector.recall('abc'), null)
})

test('an answer holds for its time, and never beyond the token’s expiry', async () => {
  const { time, asked, look } = scripted()
  for (const [token, exp, holdsMs] of [
    ['without', undefined, 60_000],
    ['long', 1_000_000, 60_000],
    ['short', 1_150, 0]
  ] as const) {
    const first = look(token)
    const before = asked.length
    asked.at(-1)?.answer({ active: true, sub: 'ada', ...(exp === undefined ? {} : { exp }) })
    assert.equal(await first, 'valid')
    const left = holdsMs === 0 ? 1_150_000 - time.now() : holdsMs
    time.advance(left - 1)
    assert.equal(await look(token), 'valid')
    assert.equal(asked.length, before)
    time.advance(1)
    void look(token)
    assert.equal(asked.length, before + 1)
    asked.at(-1)?.answer({ active: false })
    await setImmediate()
  }
})

test('a token that is not active is refused, and that is remembered more shortly', async () => {
  const { time, asked, look } = scripted()
  const first = look('abc')
  asked[0]?.answer({ active: false })
  assert.equal(await first, 'invalid: it is not active')
  time.advance(9_999)
  assert.equal(await look('abc'), 'invalid: it is not active')
  assert.equal(asked.length, 1)
  time.advance(1)
  void look('abc')
  assert.equal(asked.length, 2)
})

test('an active token must be for this service where that is asked for', async () => {
  const { asked, look } = scripted({ issuers: new Set(['https://id.test']), audiences: new Set(['api']) })
  for (const [response, verdict] of [
    [{ active: true, sub: 'a', iss: 'https://id.test', aud: ['api'] }, 'valid'],
    [{ active: true, sub: 'a', aud: 'api' }, 'invalid: its issuer is another one'],
    [{ active: true, sub: 'a', iss: 'https://evil.test', aud: 'api' }, 'invalid: its issuer is another one'],
    [{ active: true, sub: 'a', iss: ['https://id.test'], aud: 'api' }, 'invalid: its issuer is another one'],
    [{ active: true, sub: 'a', iss: 'https://id.test' }, 'invalid: it is for another audience'],
    [{ active: true, iss: 'https://id.test', aud: 'api' }, "invalid: it has no claim 'sub'"],
    [{ active: true, sub: 'a', iss: 'https://id.test', aud: 'api', exp: 999 }, 'invalid: it has expired'],
    [
      { active: true, sub: 'a', iss: 'https://id.test', aud: 'api', exp: '9999' },
      "invalid: its claim 'exp' is no time"
    ]
  ] as const) {
    const looked = look(`t${asked.length}`)
    asked.at(-1)?.answer(response)
    assert.equal(await looked, verdict)
  }
})

test('what is no answer is nobody’s fault but the service’s', async () => {
  const { asked, look, reports } = scripted()
  for (const response of [{ active: 'true', sub: 'a' }, { sub: 'a' }, [], null, 'active']) {
    const looked = look(`t${asked.length}`)
    asked.at(-1)?.answer(response)
    assert.match(await looked, /^unavailable: the response does not say/)
  }
  assert.equal(reports.length, 5)
})

test('after five failures in a row nobody waits, one request tries, and an answer ends the pause', async () => {
  const { time, asked, look } = scripted()
  for (let n = 0; n < 5; n++) {
    const looked = look(`t${n}`)
    asked.at(-1)?.fail()
    assert.equal(await looked, 'unavailable: it is down')
  }
  assert.match(await look('abc'), /pauses/)
  assert.equal(asked.length, 5)
  time.advance(1_000)
  const probe = look('abc')
  assert.equal(asked.length, 6)
  assert.match(await look('def'), /pauses/)
  asked.at(-1)?.fail()
  assert.equal(await probe, 'unavailable: it is down')
  time.advance(1_999)
  assert.match(await look('def'), /pauses/)
  time.advance(1)
  const second = look('def')
  asked.at(-1)?.answer({ active: false })
  assert.equal(await second, 'invalid: it is not active')
  void look('ghi')
  assert.equal(asked.at(-1)?.token, 'ghi')
})

test('many failures at one time are one pause, of a second, and not the longest there is', async () => {
  const { time, asked, look } = scripted()
  const looks = Array.from({ length: 200 }, (_, n) => look(`t${n}`))
  time.advance(1_500)
  for (const one of asked) one.fail()
  assert.deepEqual(new Set(await Promise.all(looks)), new Set(['unavailable: it is down']))
  time.advance(999)
  assert.match(await look('abc'), /pauses/)
  time.advance(1)
  const probe = look('abc')
  assert.equal(asked.length, 201)
  asked.at(-1)?.answer({ active: true, sub: 'ada' })
  assert.equal(await probe, 'valid')
  void look('def')
  assert.equal(asked.length, 202)
})

test('a try after a pause that fails makes the next one longer, whatever failed late beside it', async () => {
  const { time, asked, look } = scripted()
  for (let n = 0; n < 6; n++) void look(`t${n}`)
  for (const one of asked.slice(0, 5)) one.fail()
  await setImmediate()
  time.advance(1_000)
  void look('probe')
  asked[5]?.fail()
  asked[6]?.fail()
  await setImmediate()
  time.advance(1_999)
  assert.match(await look('abc'), /pauses/)
  time.advance(1)
  void look('abc')
  assert.equal(asked.at(-1)?.token, 'abc')
})

test('a remembered token passes while the service is down', async () => {
  const { time, asked, look } = scripted()
  const first = look('abc')
  asked[0]?.answer({ active: true, sub: 'ada' })
  await first
  for (let n = 0; n < 5; n++) {
    const looked = look(`t${n}`)
    asked.at(-1)?.fail()
    await looked
  }
  time.advance(59_000)
  assert.equal(await look('abc'), 'valid')
})

test('what is no bearer token is never sent', async () => {
  const { asked, look } = scripted()
  for (const token of ['', 'a b', 'a\nb', 'ä', '=a', 'a"b', 'a,b', 'x'.repeat(8_193)])
    assert.match(await look(token), /^invalid: it is no bearer token/)
  assert.equal(asked.length, 0)
})

test('look-ups under way have a bound', async () => {
  const { asked, look } = scripted()
  for (let n = 0; n < 256; n++) void look(`t${n}`)
  assert.match(await look('one-more'), /^unavailable: 256 tokens/)
  asked[0]?.answer({ active: false })
  await setImmediate()
  void look('one-more')
  assert.equal(asked.length, 257)
})

test('once closed nobody waits', async () => {
  const { introspector, look } = scripted()
  const looked = look('abc')
  introspector.close()
  assert.equal(await looked, 'unavailable: given up')
})
