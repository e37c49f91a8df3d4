import { checkPluginOptions } from '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { balancingPolicies } from './policies.js'

/** Makes every policy of this package known to `app.gateway` by its name. Takes no options. */
export const balancing: FastifyPluginAsync = fp(
  async function balancing(app: FastifyInstance, options: object) {
    checkPluginOptions('@gatewright/balancing', options, [], "pools have 'balancing'")
    for (const type of balancingPolicies) app.gateway.policyTypes.set(type.name, type)
  },
  { fastify: '5.x', name: '@gatewright/balancing', dependencies: ['@gatewright/core'] }
)
