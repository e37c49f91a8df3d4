import { compileValidator, type Validator } from './problems.js'

/** Where a key may stand. A native route counts as a route. */
export type KeyPlace = 'gateway' | 'pool' | 'policy' | 'route'

/** What a feature says about a key of its own; see {@link defineKey}. */
export interface KeyDefinition<T, S> {
  readonly name: string
  /** Where it is allowed. A route inherits from its policies, and from its pool if the key is allowed there too. */
  readonly on: readonly KeyPlace[]
  /** The package that owns it, such as `@gatewright/retry`. */
  readonly plugin: string
  /** Whether a new value takes effect in the running gateway, or with the next start. */
  readonly reload: 'live' | 'restart'
  /** The shape of a value: a validator made at build time. Or give `schema`. */
  readonly validate?: Validator
  /** The shape of a value: a JSON Schema, compiled on first use. Or give `validate`. */
  readonly schema?: object
  /** The settings of a value that has been checked, or of none. Default: the value itself. */
  resolve?(value: T | undefined): S
  /**
   * Yields one sentence per problem that the schema cannot see, each beginning with `at`: `pools.users.retry`. `layer` is
   * what the key stands in.
   */
  check?(value: T, at: string, layer: Readonly<Record<string, unknown>>): Iterable<string>
  /** On the whole configuration: names in lower case of request headers that no client may send, as the feature sets them. */
  reservesHeaders?(value: T): Iterable<string>
  /** The key means nothing for a route that answers by itself. */
  readonly forwards?: boolean
  /** How much of a request body has to be kept so that it can be sent again, in bytes. */
  keepsBody?(value: T): number
  /** On a pool: endpoints come from it, so that none need be listed. */
  readonly suppliesEndpoints?: boolean
  /** On a pool: whether something may be reached by TLS because of it. */
  mayUseTls?(value: T, layer: Readonly<Record<string, unknown>>): boolean
}

/** A key of the configuration that a feature owns: all that is done with its value. */
export interface Key<T = unknown, S = unknown> extends KeyDefinition<T, S> {
  readonly validate: Validator
  resolve(value: T | undefined): S
}

/**
 * A key that a feature adds to the configuration. Its plugin registers it with `gateway.keys.add(key)` before the app is
 * ready; routes then have its settings: `route.setting(key)`.
 *
 * @example
 * const greeting = defineKey<string, string>({
 *   name: 'greeting',
 *   on: ['route'],
 *   plugin: 'my-greeting',
 *   reload: 'live',
 *   schema: { type: 'string', minLength: 1 },
 *   resolve: (text = 'hello') => text
 * })
 */
export function defineKey<T, S = T | undefined>(definition: KeyDefinition<T, S>): Key<T, S> {
  const {
    schema = {},
    validate = lazyValidator(schema),
    resolve = (value: T | undefined) => value as S
  } = definition
  return Object.freeze({ ...definition, validate, resolve })
}

/** What a layer of the configuration says for a key, resolved. The layer has been checked. */
export function settingIn<T, S>(key: Key<T, S>, layer: object): S {
  return key.resolve((layer as Readonly<Record<string, T | undefined>>)[key.name])
}

function lazyValidator(schema: object): Validator {
  let compiled: Validator | null = null
  const validate: Validator = (value) => {
    compiled ??= compileValidator(schema)
    const valid = compiled(value)
    validate.errors = compiled.errors ?? null
    return valid
  }
  validate.keys = keysIn(schema)
  return validate
}

function keysIn(schema: object): string[] {
  const { properties = {}, anyOf = [] } = schema as { properties?: object; anyOf?: readonly object[] }
  return [...Object.keys(properties), ...anyOf.flatMap(keysIn)]
}
