import { createRequire } from 'node:module'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import { fastify as create } from './fastify.js'

type Factories = NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>
type SerializerFactory = NonNullable<Factories['buildSerializer']>
type ValidatorFactory = NonNullable<Factories['buildValidator']>

/**
 * Makes an app with Fastify's own compilers of schemas, each loaded with the first route that has a schema: most gateways
 * have none, and Ajv is a quarter of all modules that Fastify loads.
 */
export function createLazily(options: FastifyServerOptions): FastifyInstance {
  const buildSerializer = lazily<SerializerFactory>('@fastify/fast-json-stringify-compiler')
  const buildValidator = lazily<ValidatorFactory>('@fastify/ajv-compiler')
  const app = create({
    ...options,
    schemaController: { compilersFactory: { buildSerializer, buildValidator } }
  })
  if (keepFastifysWays(app)) return app
  return create({ ...options, schemaController: { compilersFactory: { buildSerializer } } })
}

// A compiler of the app's own would be given header schemas as they are; Fastify's wants their names in lower case, and
// is distinguished by this alone.
function keepFastifysWays(app: FastifyInstance): boolean {
  const key = Object.getOwnPropertySymbols(app).find(({ description }) => description === CONTROLLER)
  const controller = key && (app as unknown as Record<symbol, { isCustomValidatorCompiler?: boolean }>)[key]
  if (controller?.isCustomValidatorCompiler !== true) return false
  controller.isCustomValidatorCompiler = false
  return true
}

const CONTROLLER = 'fastify.schemaController'

function lazily<Factory extends (...args: never[]) => unknown>(name: string): Factory {
  let factory: Factory | null = null
  return ((...args: Parameters<Factory>) => {
    factory ??= load<Factory>(name)
    return factory(...args)
  }) as Factory
}

function load<Factory>(name: string): Factory {
  const fastify = createRequire(import.meta.url).resolve('fastify')
  return (createRequire(fastify)(name) as () => Factory)()
}
