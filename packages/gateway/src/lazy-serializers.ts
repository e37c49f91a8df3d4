import { createRequire } from 'node:module'
import type { FastifyServerOptions } from 'fastify'

type Factories = NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>
type SerializerFactory = NonNullable<Factories['buildSerializer']>

/**
 * Fastify's own compiler of response schemas, loaded with the first route that has one: most gateways have none. Its
 * compiler of request schemas cannot wait: Fastify treats header schemas in another way when given a compiler.
 */
export function lazySerializers(): { compilersFactory: Factories } {
  let factory: SerializerFactory | null = null
  const buildSerializer: SerializerFactory = (...args: Parameters<SerializerFactory>) => {
    factory ??= load()
    return factory(...args)
  }
  return { compilersFactory: { buildSerializer } }
}

function load(): SerializerFactory {
  const fastify = createRequire(import.meta.url).resolve('fastify')
  const create = createRequire(fastify)('@fastify/fast-json-stringify-compiler') as () => SerializerFactory
  return create()
}
