import {
  allRoutes,
  didYouMean,
  type Exchange,
  type Gateway,
  type InSteps,
  type Pool,
  type Prepared,
  type Route,
  type Snapshot,
  settingIn
} from '@gatewright/core'
import type { Backend } from './backend.js'
import type { FilterBreaker } from './breaker.js'
import { functionBackend } from './code/function-backend.js'
import { structuredLogger } from './code/structured-logger.js'
import { grpcAuthorization } from './ext-authz/grpc-backend.js'
import { httpAuthorization } from './ext-authz/http-backend.js'
import { FilterStep } from './filter-step.js'
import { filtersKey } from './keys.js'
import type { FilterRecords } from './record.js'
import { ResponseStep, responseChanges } from './response-step.js'
import { serviceBackend } from './service/service-backend.js'
import {
  breakerKey,
  type FilterBreakerReport,
  type FilterTargetReport,
  Services,
  targetKey
} from './services.js'
import type { AskedSettings, ExtAuthzHttpSettings, FilterSettings, ServiceSettings } from './settings.js'
import type { StepContext } from './telling.js'

const NOTHING: Readonly<Record<string, Readonly<Record<string, unknown>>>> = Object.freeze({})

/** What one configuration is prepared with. */
interface Preparing {
  readonly next: Snapshot
  readonly problems: string[]
  /** What of {@link Services} it uses. */
  readonly keys: Set<string>
}

/** The filters of a gateway: `app.filters`. */
export class Filters {
  readonly #records: FilterRecords
  readonly #context: StepContext
  readonly #services: Services
  /** What configurations use that requests may run on, the oldest first; and the one that is prepared. */
  #used: ReadonlySet<string>[] = []

  constructor(gateway: Gateway, records: FilterRecords) {
    this.#records = records
    this.#context = { gateway, records }
    this.#services = new Services(gateway)
  }

  /** What filters have noted of a request, by their names; for logs, cohorts, and hooks of your own. */
  metadataOf(exchange: Exchange): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
    return this.#records.find(exchange)?.metadata ?? NOTHING
  }

  /** The connections to services. */
  targets(): FilterTargetReport[] {
    return this.#services.targetReports()
  }

  /** The breakers. */
  breakers(): FilterBreakerReport[] {
    return this.#services.breakerReports()
  }

  /** Adds the steps of the next configuration's routes. */
  *prepare(next: Snapshot, problems: string[]): InSteps<Prepared> {
    const preparing: Preparing = { next, problems, keys: new Set() }
    const { keys } = preparing
    this.#used.push(keys)
    let isPrepared = false
    try {
      yield* this.#addAllSteps(preparing)
      isPrepared = true
    } finally {
      if (!isPrepared) this.#abandon(keys)
    }
    return {
      commit: () => this.#services.warmUp(keys),
      retire: () => {
        this.#used = this.#used.slice(this.#used.indexOf(keys))
        this.#keepUsed()
      },
      abandon: () => this.#abandon(keys)
    }
  }

  /** Ends every connection. */
  close(): void {
    this.#services.close()
  }

  #abandon(keys: ReadonlySet<string>): void {
    this.#used = this.#used.filter((one) => one !== keys)
    this.#keepUsed()
  }

  #keepUsed(): void {
    this.#services.keep(new Set(this.#used.flatMap((keys) => [...keys])))
  }

  *#addAllSteps(preparing: Preparing): InSteps<void> {
    const { next, problems } = preparing
    const whole = settingIn(filtersKey, next.config) ?? []
    for (const route of allRoutes(next)) {
      yield
      const own = route.setting(filtersKey)
      if (own === null) continue
      const names = new Set(whole.map(({ name }) => name))
      for (const { name } of own)
        if (names.has(name))
          problems.push(
            `route '${route.id}': filter '${name}' is one of the whole configuration already; give it another 'name'`
          )
      this.#addSteps(preparing, route, [...whole, ...own])
    }
  }

  // Once one filter waits for the body, those behind it wait too: the order is the configured one.
  #addSteps(preparing: Preparing, route: Route, filters: readonly FilterSettings[]): void {
    const { steps } = preparing.next
    let phase: 'onRequest' | 'preHandler' = 'onRequest'
    let mayChange = false
    for (const settings of filters) {
      const name = nameOf(settings)
      if (settings.type === 'structured_logger') {
        steps.add(route, { name, phase: 'onResponse', run: structuredLogger(settings, this.#records) })
        continue
      }
      const { request, response } = this.#backendOf(settings, preparing)
      const breaker = this.#breakerOf(settings, preparing)
      if (settings.body !== null && request !== null) phase = 'preHandler'
      if (request !== null) {
        mayChange = true
        const { run } = new FilterStep(settings, request, breaker, this.#context)
        steps.add(route, { name, phase, run })
      }
      if (response !== null) {
        const { run } = new ResponseStep(settings, response, breaker, this.#context, request !== null)
        steps.add(route, { name, phase: 'onSend', run })
      }
    }
    if (mayChange)
      steps.add(route, { name: 'what filters add', phase: 'onSend', run: responseChanges(this.#records) })
  }

  #breakerOf(settings: AskedSettings, { keys }: Preparing): FilterBreaker | null {
    const where =
      'service' in settings
        ? targetKey(settings.service)
        : settings.type === 'ext_authz_http'
          ? settings.pool
          : ''
    const key = breakerKey(settings, where)
    keys.add(key)
    return this.#services.breaker(key, settings)
  }

  #backendOf(settings: AskedSettings, preparing: Preparing): Backend {
    const { gateway } = this.#context
    switch (settings.type) {
      case 'ext_authz': {
        const { service, contextExtensions, tells, body } = settings
        const { clock } = gateway
        const content = {
          tells,
          contextExtensions,
          rawBody: body?.raw === true,
          metadataOf: (exchange: Exchange) => this.metadataOf(exchange),
          arrivedAt: ({ startedAt }: Exchange) => Date.now() - (clock() - startedAt)
        }
        const target = this.#target(service, preparing)
        return {
          request: grpcAuthorization(target, content, service.metadata, service.maxBytes),
          response: null
        }
      }
      case 'ext_authz_http':
        return {
          request: httpAuthorization(gateway, poolOf(settings, preparing), settings),
          response: null
        }
      case 'service':
        return serviceBackend(this.#target(settings.service, preparing), settings, (exchange) =>
          this.metadataOf(exchange)
        )
      case 'function':
        return functionBackend(settings.functions, gateway.timers)
    }
  }

  #target(service: ServiceSettings, { keys }: Preparing): ReturnType<Services['target']> {
    const key = targetKey(service)
    keys.add(key)
    return this.#services.target(key, service)
  }
}

function poolOf({ pool: id, name }: ExtAuthzHttpSettings, { next, problems }: Preparing): Pool {
  const { pools, called } = next
  const pool = pools.get(id)
  if (pool === undefined)
    problems.push(`filter '${name}': there is no pool '${id}'${didYouMean(id, pools.keys())}`)
  else called.add(id)
  return pool as Pool
}

function nameOf({ name, type, observe }: FilterSettings): string {
  const details = [...(name === type ? [] : [type]), ...(observe ? ['observe'] : [])]
  return `filter ${name}${details.length === 0 ? '' : ` (${details.join(', ')})`}`
}
