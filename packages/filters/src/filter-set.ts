import {
  allRoutes,
  type Exchange,
  type Gateway,
  type Prepared,
  type Route,
  type Snapshot,
  settingIn
} from '@gatewright/core'
import type { AskRequest } from './backend.js'
import { grpcAuthorization } from './ext-authz/grpc-backend.js'
import { FilterStep, type StepContext } from './filter-step.js'
import { filtersKey } from './keys.js'
import { FilterRecords } from './record.js'
import { responseChanges } from './response-step.js'
import { breakerKey, Services, targetKey } from './services.js'
import type { FilterSettings } from './settings.js'

const NOTHING: Readonly<Record<string, Readonly<Record<string, unknown>>>> = Object.freeze({})

/** A step, with what `explain()` calls it. */
interface NamedStep {
  readonly name: string
  readonly step: FilterStep
}

/** The filters of a gateway: `app.filters`. */
export class Filters {
  readonly records: FilterRecords
  readonly #context: StepContext
  readonly #services: Services
  #keys: ReadonlySet<string> = new Set()

  constructor(gateway: Gateway) {
    this.records = new FilterRecords(gateway.claimSlot())
    this.#context = { gateway, records: this.records }
    this.#services = new Services(gateway)
  }

  /** What filters have noted of a request, by their names; for logs, cohorts, and hooks of your own. */
  metadataOf(exchange: Exchange): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
    return this.records.find(exchange)?.metadata ?? NOTHING
  }

  /** Adds the steps of the next configuration's routes. */
  prepare(next: Snapshot): Prepared {
    const keys = new Set<string>()
    const whole = (settingIn(filtersKey, next.config) ?? []).map((one) => this.#stepOf(one, keys))
    for (const route of allRoutes(next)) {
      const own = route.setting(filtersKey)
      if (own !== null) this.#addSteps(next, route, [...whole, ...own.map((one) => this.#stepOf(one, keys))])
    }
    const before = this.#keys
    return {
      commit: () => {
        this.#keys = keys
        for (const [key, target] of this.#services.targets) if (keys.has(key)) target.warmUp()
      },
      retire: () => this.#services.keep(this.#keys),
      abandon: () => this.#services.keep(before)
    }
  }

  /** Ends every connection. */
  close(): void {
    this.#services.close()
  }

  // Once one filter waits for the body, those behind it wait too: the order is the configured one.
  #addSteps(next: Snapshot, route: Route, steps: readonly NamedStep[]): void {
    if (steps.length === 0) return
    let phase: 'onRequest' | 'preHandler' = 'onRequest'
    for (const { name, step } of steps) {
      if (step.settings.body !== null) phase = 'preHandler'
      next.steps.add(route, { name, phase, run: step.run })
    }
    next.steps.add(route, { name: 'filters', phase: 'onSend', run: responseChanges(this.records) })
  }

  #stepOf(settings: FilterSettings, keys: Set<string>): NamedStep {
    const target = targetKey(settings.service)
    const breaker = breakerKey(settings, target)
    keys.add(target).add(breaker)
    const ask = this.#askOf(settings, target)
    const step = new FilterStep(settings, ask, this.#services.breaker(breaker, settings), this.#context)
    return { name: nameOf(settings), step }
  }

  #askOf(settings: FilterSettings, target: string): AskRequest {
    const { service, contextExtensions, tells, body } = settings
    const { clock } = this.#context.gateway
    return grpcAuthorization(
      this.#services.target(target, service),
      {
        tells,
        contextExtensions,
        rawBody: body?.raw === true,
        metadataOf: (exchange) => this.metadataOf(exchange),
        arrivedAt: ({ startedAt }) => Date.now() - (clock() - startedAt)
      },
      service.metadata,
      service.maxBytes
    )
  }
}

function nameOf({ name, type, observe }: FilterSettings): string {
  const details = [...(name === type ? [] : [type]), ...(observe ? ['observe'] : [])]
  return `filter ${name}${details.length === 0 ? '' : ` (${details.join(', ')})`}`
}
