import type { FastifyBaseLogger, FastifyServerOptions } from 'fastify'

type Factory = NonNullable<FastifyServerOptions['childLoggerFactory']>
type Bindings = Parameters<Factory>[1]
type Create = (bindings: Bindings) => FastifyBaseLogger
type Members = Record<symbol, unknown>

/**
 * Makes `request.log`: a child of the app's pino logger whose bindings become text when it writes a line, as hardly any
 * request does. Other loggers, and routes with a level or serializers of their own, get what Fastify makes itself.
 */
export function createRequestLoggers(): Factory {
  const known = new WeakMap<FastifyBaseLogger, Create>()
  return (logger, bindings, options) => {
    if (!isEmpty(options)) return logger.child(bindings, options)
    let create = known.get(logger)
    if (create === undefined) {
      create = creatorFor(logger)
      known.set(logger, create)
    }
    return create(bindings)
  }
}

function creatorFor(logger: FastifyBaseLogger): Create {
  const text = bindingsText(logger)
  if (text === undefined || isToldOfChildren(logger)) return (bindings) => logger.child(bindings)
  const template = logger.child({})

  // A constructor: the shape of what `Object.create` makes is forgotten with the last of them, and compiled code with it.
  function RequestLogger(this: Members, bindings: Bindings) {
    this[BINDINGS] = bindings
    this[TEXT] = undefined
  }
  RequestLogger.prototype = Object.create(template, {
    // Its children and `setBindings` use it too.
    [text]: {
      get(this: Members) {
        this[TEXT] ??= (template.child(this[BINDINGS] as Bindings) as unknown as Members)[text]
        return this[TEXT]
      },
      set(this: Members, value: unknown) {
        this[TEXT] = value
      }
    }
  })
  const Created = RequestLogger as unknown as new (bindings: Bindings) => FastifyBaseLogger
  return (bindings) => new Created(bindings)
}

const BINDINGS = Symbol('bindings')
const TEXT = Symbol('bindings as text')

/** Where a logger of any copy of pino keeps its bindings. */
function bindingsText(logger: FastifyBaseLogger): symbol | undefined {
  return Object.getOwnPropertySymbols(logger).find(({ description }) => description === 'pino.chindings')
}

// Without an `onChild` of one's own, pino has a function of this name there.
function isToldOfChildren(logger: FastifyBaseLogger): boolean {
  return (logger as { readonly onChild?: () => void }).onChild?.name !== 'noop'
}

function isEmpty(options: object): boolean {
  for (const _ in options) return false
  return true
}
