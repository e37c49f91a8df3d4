import { checkPluginOptions } from '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { addCompressionFacts } from './facts.js'
import { compressionKey } from './keys.js'
import { compressionSteps } from './steps.js'

/** Compression of responses (`compression`). Takes no options. */
export const compression: FastifyPluginAsync = fp(
  async function compression(app: FastifyInstance, options: object) {
    checkPluginOptions(
      '@gatewright/compression',
      options,
      [],
      "the configuration, policies and routes have 'compression'"
    )
    const { gateway } = app
    const slot = gateway.claimSlot()
    gateway.keys.add(compressionKey)
    addCompressionFacts(gateway.facts, slot)
    gateway.changes.push({
      name: 'compression',
      *prepare(next) {
        yield* compressionSteps(next, slot)
        return undefined
      }
    })
  },
  { fastify: '5.x', name: '@gatewright/compression', dependencies: ['@gatewright/core'] }
)
