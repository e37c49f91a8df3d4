import createError, { type FastifyErrorConstructor } from '@fastify/error'

type ErrorClass<Code extends string, Args extends unknown[]> = FastifyErrorConstructor<{ code: Code }, Args>

/** The configuration has problems; the message lists all of them, one a line. */
export const InvalidConfigError: ErrorClass<'GW_CONFIG_INVALID', [problems: string]> = createError(
  'GW_CONFIG_INVALID',
  'The gateway configuration is not valid:\n%s',
  500
)

/** A pool was asked for at run time by an id that does not exist. */
export const UnknownPoolError: ErrorClass<'GW_POOL_UNKNOWN', [id: string, hint: string]> = createError(
  'GW_POOL_UNKNOWN',
  "There is no pool '%s'%s",
  500
)

/** An endpoint was asked for at run time by a URL that is not in the pool. */
export const UnknownEndpointError: ErrorClass<
  'GW_ENDPOINT_UNKNOWN',
  [url: string, pool: string, hint: string]
> = createError('GW_ENDPOINT_UNKNOWN', "There is no endpoint '%s' in pool '%s'%s", 500)

/** A value given at run time is outside its range. */
export const InvalidValueError: ErrorClass<'GW_VALUE_INVALID', [name: string, rule: string]> = createError(
  'GW_VALUE_INVALID',
  '%s must be %s',
  500
)

/** A part of the gateway is used whose plugin has not been registered. */
export const MissingPluginError: ErrorClass<'GW_PLUGIN_MISSING', [what: string, plugin: string]> =
  createError('GW_PLUGIN_MISSING', '%s needs the plugin %s: register it first', 500)

/** A feature has added to the gateway what cannot be added: under a wrong name, twice, or too late. */
export const RegistrationError: ErrorClass<'GW_REGISTRATION_INVALID', [what: string, rule: string]> =
  createError('GW_REGISTRATION_INVALID', '%s %s', 500)

/** A request is forwarded from a route that has no gateway options. */
export const UnboundRouteError: ErrorClass<'GW_ROUTE_UNBOUND', [route: string]> = createError(
  'GW_ROUTE_UNBOUND',
  "%s forwards, but to no pool: add config: { gateway: { pool: '…' } } to the route, and register the gateway before it",
  500
)
