import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { GatewayConfig } from '@gatewright/core'
import type { SuiteRunner } from './balancing-suite.js'
import type { KitApp } from './gateway-kit.js'
import { arranged, observed, type ReloadSubject, running } from './reload-subject.js'

export type { ReloadGateway, ReloadSubject } from './reload-subject.js'

/** One clause of the contract. `check` rejects with an AssertionError when a feature breaks it. */
export interface ReloadClause {
  /** A sentence that is true of a feature that keeps the contract. */
  readonly name: string
  check(subject: ReloadSubject): Promise<void>
}

const SWAPS = 100

/** What every feature keeps when the configuration of a running gateway changes, clause by clause. */
export const reloadContract: readonly ReloadClause[] = [
  {
    name: 'an unchanged configuration reloads to no observable change',
    check: (subject) =>
      arranged(subject, async ({ app, kit }) => {
        const before = observed({ app, kit }, subject)
        const events = eventsOf(app)
        for (let n = 0; n < 3; n++) {
          await app.gateway.apply(subject.config())
          assert.deepEqual(observed({ app, kit }, subject), before)
        }
        assert.deepEqual(events, [])
      })
  },
  {
    name: 'a change that is refused changes nothing',
    check: (subject) =>
      arranged(subject, async ({ app, kit }) => {
        const before = observed({ app, kit }, subject)
        const { snapshot } = app.gateway
        const events = eventsOf(app)
        let refuse: ((problems: string[]) => void) | null = null
        app.gateway.changes.push({
          name: 'last',
          async prepare(_next, _previous, problems) {
            // Whatever the others have made ready has time to do harm.
            await setImmediate()
            refuse?.(problems)
            return undefined
          }
        })
        for (const config of [subject.changed(), subject.config()])
          for (const way of [said, thrown]) {
            refuse = way
            await assert.rejects(app.gateway.apply(config), /no room for it/)
            assert.deepEqual(observed({ app, kit }, subject), before)
          }
        assert.equal(app.gateway.snapshot, snapshot)
        assert.deepEqual(events, [])
        refuse = null
        await app.gateway.apply(subject.changed())
        assert.equal(app.gateway.snapshot.revision, snapshot.revision + 1)
      })
  },
  {
    name: 'a dry run changes nothing',
    check: (subject) =>
      arranged(subject, async ({ app, kit }) => {
        const before = observed({ app, kit }, subject)
        const { snapshot } = app.gateway
        const events = eventsOf(app)
        for (const config of [subject.changed(), subject.config(), subject.off?.() ?? subject.changed()])
          await app.gateway.apply(config, { dryRun: true })
        assert.deepEqual(observed({ app, kit }, subject), before)
        assert.equal(app.gateway.snapshot, snapshot)
        assert.deepEqual(events, [])
      })
  },
  {
    name: 'changes there and back leave nothing behind',
    check: (subject) =>
      arranged(subject, async ({ app, kit }) => {
        const there = [subject.changed(), ...(subject.off === undefined ? [] : [subject.off()])]
        const swap = async (): Promise<void> => {
          for (const config of [...there, subject.config()]) await app.gateway.apply(config)
        }
        await swap()
        const once = observed({ app, kit }, subject)
        for (let n = 1; n < SWAPS; n++) await swap()
        assert.deepEqual(observed({ app, kit }, subject), once)
        assert.equal(app.gateway.retiring, 0)
      })
  },
  {
    name: 'what is off at the start can come later, and go again',
    async check(subject) {
      if (subject.off === undefined) return
      const fresh = (config: GatewayConfig): Promise<unknown> => {
        let seen: unknown
        return running(subject, config, async (started) => {
          seen = observed(started, subject)
        }).then(() => seen)
      }
      const [on, off] = [await fresh(subject.config()), await fresh(subject.off())]
      await running(subject, subject.off(), async (started) => {
        await started.app.gateway.apply(subject.config())
        assert.deepEqual(observed(started, subject), on)
        await started.app.gateway.apply(subject.off?.())
        assert.deepEqual(observed(started, subject), off)
      })
    }
  },
  {
    name: 'requests under way end on the configuration that they began with',
    check: (subject) =>
      arranged(subject, async ({ app, kit }) => {
        const { snapshot } = app.gateway
        for (const { endpoints } of snapshot.pools.values())
          for (const { url } of endpoints) kit.upstream(url).thenSlow('1s')
        const changes: Promise<unknown>[] = []
        for (const [ms, config] of [
          [300, subject.changed()],
          [600, subject.config()]
        ] as const)
          kit.time.timers.after(ms, () => void changes.push(app.gateway.apply(config)))
        const { status, exchange } = await kit.request(app, '/')
        assert.equal(status, 200)
        assert.equal(exchange.snapshot, snapshot)
        await Promise.all(changes)
        await setImmediate()
        assert.equal(changes.length, 2)
        assert.deepEqual([app.gateway.retiring, app.gateway.inFlight], [0, 0])
      })
  }
]

/**
 * Registers with `node:test`, or another runner, the contract of reload for a feature: ours and any of yours.
 *
 * @example
 * reloadSuite('quotas', {
 *   create: (config, seams) => createGateway(config, seams).register(quotas),
 *   config: () => ({ pools, routes: [{ path: '/*', pool: 'api', quota: 2 }] }),
 *   changed: () => ({ pools, routes: [{ path: '/*', pool: 'api', quota: 3 }] })
 * })
 */
export function reloadSuite(
  name: string,
  subject: ReloadSubject,
  runner: SuiteRunner = { describe, test }
): void {
  runner.describe(`reload of ${name}`, () => {
    for (const { name: clause, check } of reloadContract) runner.test(clause, () => check(subject))
  })
}

function eventsOf({ gateway: { events } }: KitApp): string[] {
  const told: string[] = []
  events.each((name) => events.on(name, () => void told.push(name)))
  return told
}

function said(problems: string[]): void {
  problems.push('cache: no room for it')
}

function thrown(): never {
  throw new Error('no room for it')
}
