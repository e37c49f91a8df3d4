import { GatewayError } from './gateway-error.js'

/**
 * What a part of the user's own has done that it must not, as an `internal_error`: the detail says whose it is and
 * what it did, for the log alone. A {@link GatewayError} is an answer that was meant, and stays as it is.
 */
export function pluginFault(whose: string, error: unknown): GatewayError {
  if (error instanceof GatewayError) return error
  return new GatewayError('internal_error', { detail: `${whose} threw ${toldError(error)}`, cause: error })
}

/** The same for a value that is none of those allowed. A promise is let go: its rejection would end the process. */
export function wrongResult(whose: string, value: unknown, wanted: string): GatewayError {
  if (value instanceof Promise) value.catch(() => {})
  const cause = new TypeError(`${whose} returned ${kindOf(value)} instead of ${wanted}`)
  return new GatewayError('internal_error', { detail: cause.message, cause })
}

/** What was thrown, in a few words for the log. */
export function toldError(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : kindOf(error)
}

function kindOf(value: unknown): string {
  if (value instanceof Promise) return 'a promise'
  if (value === null || value === undefined) return String(value)
  const { name } = value as { readonly name?: unknown }
  return typeof name === 'string' && name !== '' ? `'${name}'` : `a value of type ${typeof value}`
}
