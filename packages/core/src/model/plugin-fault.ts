import type { Exchange } from './exchange.js'
import { GatewayError } from './gateway-error.js'

/** What a part of the user's own has done that it must not: an `internal_error` whose detail is for the log alone. */
export class PluginFault extends GatewayError {
  /** The culprit, such as `the balancing policy 'mine' of pool 'api'`. */
  readonly whose: string

  /** `did` goes on after `whose`: `threw RangeError: no region`. */
  constructor(whose: string, did: string, cause: unknown) {
    super('internal_error', { detail: `${whose} ${did}`, cause })
    this.whose = whose
  }
}

/** Attributes an error to the part that threw it. A {@link GatewayError} is an intended response and stays as it is. */
export function pluginFault(whose: string, error: unknown): GatewayError {
  return error instanceof GatewayError ? error : faultOf(whose, error)
}

/** The same where no response can be meant. */
export function faultOf(whose: string, error: unknown): PluginFault {
  return error instanceof PluginFault ? error : new PluginFault(whose, `threw ${toldError(error)}`, error)
}

/** The same for a value that is none of those allowed. A promise is let go: its rejection would end the process. */
export function wrongResult(whose: string, value: unknown, wanted: string): PluginFault {
  if (value instanceof Promise) value.catch(() => {})
  const did = `returned ${kindOf(value)} instead of ${wanted}`
  return new PluginFault(whose, did, new TypeError(`${whose} ${did}`))
}

/** Names a part by its own name, else its class or function: `an observer of attempts 'Traffic'`. */
export function nameOfPart(what: string, part: object): string {
  const { name, constructor: type } = part as { readonly name?: unknown; readonly constructor?: unknown }
  const names = typeof part === 'function' ? [name] : [name, (type as typeof Object | undefined)?.name]
  const known = names.find((one) => typeof one === 'string' && one !== '' && one !== 'Object')
  return known === undefined ? what : `${what} '${known}'`
}

/** The culprit for errors thrown while Fastify handles the request: a hook or handler of the app or the route. */
export function thrower(exchange: Exchange | null): string {
  const { route = null, fallback = null } = exchange ?? {}
  if (route === null) return 'a hook or handler'
  return fallback === null
    ? `a hook or handler of route '${route.id}'`
    : `the fallback of route '${route.id}'`
}

/** The thrown value, shortened for the log. */
export function toldError(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : kindOf(error)
  } catch {
    return 'what cannot be told'
  }
}

function kindOf(value: unknown): string {
  if (value instanceof Promise) return 'a promise'
  if (value === null || value === undefined) return String(value)
  const { name } = value as { readonly name?: unknown }
  return typeof name === 'string' && name !== '' ? `'${name}'` : `a value of type ${typeof value}`
}
