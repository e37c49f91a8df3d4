import { checkPluginOptions } from '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { addCorsFacts } from './facts.js'
import { corsKey } from './keys.js'
import { beginObserved } from './observing.js'
import { ORIGIN_NOT_ALLOWED } from './reasons.js'
import { corsSteps } from './steps.js'

/** Cross-origin resource sharing (`cors`). Takes no options. */
export const cors: FastifyPluginAsync = fp(
  async function cors(app: FastifyInstance, options: object) {
    checkPluginOptions('@gatewright/cors', options, [], "the configuration, policies and routes have 'cors'")
    const { gateway } = app
    const slot = gateway.claimSlot()
    gateway.answersPreflights = true
    gateway.keys.add(corsKey)
    gateway.reasons.add(ORIGIN_NOT_ALLOWED)
    beginObserved(gateway.events)
    addCorsFacts(gateway.facts, slot)
    gateway.changes.push({
      name: 'cors',
      *prepare(next) {
        yield* corsSteps(next, { gateway, slot })
        const isBeside = next.preflights.size > 0 && app.hasPlugin('@fastify/cors')
        return { commit: () => isBeside && app.log.warn(BESIDE) }
      }
    })
  },
  { fastify: '5.x', name: '@gatewright/cors', dependencies: ['@gatewright/core'] }
)

const BESIDE =
  'both @fastify/cors and `cors` of the gateway are there: the plugin answers preflights first, before limits and by its own origins; use one of the two'
