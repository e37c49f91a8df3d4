import { checkPluginOptions } from '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { describeJsonObserved, JsonObserver } from './json/observing.js'
import { REQUEST_TRANSFORM_FAILED, RESPONSE_TRANSFORM_FAILED } from './json/reasons.js'
import { transformKey } from './keys.js'
import { prepareTransforms } from './prepare.js'

/** Changes to requests and responses on their way (`transform`). Takes no options. */
export const transform: FastifyPluginAsync = fp(
  async function transform({ gateway }: FastifyInstance, options: object) {
    checkPluginOptions(
      '@gatewright/transform',
      options,
      [],
      "the configuration, policies and routes have 'transform'"
    )
    gateway.keys.add(transformKey)
    gateway.reasons.add(REQUEST_TRANSFORM_FAILED, RESPONSE_TRANSFORM_FAILED)
    describeJsonObserved(gateway.events)
    const observer = new JsonObserver(gateway)
    gateway.changes.push({
      name: 'transform',
      prepare: (next, _previous, problems) => prepareTransforms(next, observer, problems)
    })
  },
  { fastify: '5.x', name: '@gatewright/transform', dependencies: ['@gatewright/core'] }
)
