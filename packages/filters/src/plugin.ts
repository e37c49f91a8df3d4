import { checkPluginOptions } from '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { describeFilterEvents } from './events.js'
import { addFilterFacts } from './facts.js'
import { Filters } from './filter-set.js'
import { filterGauges } from './gauges.js'
import { filtersKey } from './keys.js'
import { filterMonitoring } from './monitoring.js'
import { beginObserved } from './observing.js'
import { FILTER_DENIED, FILTER_UNAVAILABLE } from './reasons.js'
import { FilterRecords } from './record.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Added by `@gatewright/filters`. */
    readonly filters: Filters
  }
}

/** External filters (`filters`). Takes no options. */
export const filters: FastifyPluginAsync = fp(
  async function filters(app: FastifyInstance, options: object) {
    checkPluginOptions(
      '@gatewright/filters',
      options,
      [],
      "the configuration, policies and routes have 'filters'"
    )
    const { gateway } = app
    const records = new FilterRecords(gateway.claimSlot())
    const all = new Filters(gateway, records)
    app.decorate('filters', all)
    app.addHook('onClose', async () => all.close())
    gateway.keys.add(filtersKey)
    gateway.reasons.add(FILTER_DENIED, FILTER_UNAVAILABLE)
    describeFilterEvents(gateway.events)
    beginObserved(gateway.events)
    addFilterFacts(gateway.facts, records)
    gateway.gauges.push(...filterGauges(all))
    gateway.monitoring.push(filterMonitoring)
    gateway.changes.push({
      name: 'filters',
      prepare: (next, _previous, problems) => all.prepare(next, problems)
    })
  },
  { fastify: '5.x', name: '@gatewright/filters', dependencies: ['@gatewright/core'] }
)
