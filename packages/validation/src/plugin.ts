import { checkPluginOptions } from '@gatewright/core'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { SchemaCompiler } from './compiler.js'
import { describeValidation } from './events.js'
import { addValidationFacts } from './facts.js'
import { Findings } from './findings.js'
import { validationKey } from './keys.js'
import { validationMonitoring } from './monitoring.js'
import { REQUEST_INVALID, RESPONSE_INVALID } from './reasons.js'
import { addSteps } from './steps.js'

/** Requests and responses checked against JSON Schemas (`validation`). Takes no options. */
export const validation: FastifyPluginAsync = fp(
  async function validation(app: FastifyInstance, options: object) {
    checkPluginOptions('@gatewright/validation', options, [], "policies and routes have 'validation'")
    const { gateway } = app
    const findings = new Findings(gateway)
    const key = validationKey(new SchemaCompiler())
    gateway.keys.add(key)
    gateway.reasons.add(REQUEST_INVALID, RESPONSE_INVALID)
    describeValidation(gateway.events)
    addValidationFacts(gateway.facts, (exchange) => findings.firstOf(exchange))
    gateway.monitoring.push(validationMonitoring)
    gateway.changes.push({
      name: 'validation',
      *prepare(next) {
        yield* addSteps(next, key, gateway.chance, findings)
        return undefined
      }
    })
  },
  { fastify: '5.x', name: '@gatewright/validation', dependencies: ['@gatewright/core'] }
)
