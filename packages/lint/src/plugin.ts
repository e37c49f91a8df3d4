import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { lintPart } from './changes/lint-part.js'

/**
 * Holds `lint.failOn` of the configuration: changes of the running gateway that bring a finding are refused, with
 * GW_CONFIG_INVALID.
 *
 * @example
 * const gateway = createGateway({ ...config, lint: { failOn: 'error' } }).register(lintChanges)
 */
export const lintChanges: FastifyPluginAsync = fp(
  async function lintChanges({ gateway }: FastifyInstance) {
    gateway.changes.push(lintPart)
  },
  { fastify: '5.x', name: '@gatewright/lint', dependencies: ['@gatewright/core'] }
)
