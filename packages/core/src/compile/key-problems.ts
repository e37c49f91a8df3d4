import { keyHint } from '../config/hints.js'
import { type InSteps, PAUSE } from '../config/in-steps.js'
import type { Keys } from '../config/key-registry.js'
import { officialOwner } from '../config/official-keys.js'
import { foreignObject, schemaProblems } from '../config/problems.js'
import { short } from '../config/rule-words.js'
import { layerKeys, validateConfig, validateNativeRoute } from '../config/validate-config.js'
import { type Layer, layersOf, type NativeOptions, placeIn } from './layers.js'
import { ownResponse } from './route-checks.js'

/** Every schema problem of a configuration: of core's own keys, of features' keys, and unknown keys. */
export function* shapeProblems(config: unknown, native: NativeOptions, keys: Keys): InSteps<string[]> {
  // In parts first: only what is wrong has to be looked at as a whole.
  const problems = new Set((yield* isValid(config)) ? [] : schemaProblems(validateConfig, config))
  for (const [name, own] of native)
    for (const problem of schemaProblems(validateNativeRoute, own, name)) problems.add(problem)
  for (const layer of layersOf(config, native)) {
    for (const problem of shapeOf(layer, keys)) problems.add(problem)
    yield
  }
  return [...problems]
}

/** Routes that are validated at a time. */
const PART = 50

function* isValid(config: unknown): InSteps<boolean> {
  const { routes } = (config ?? {}) as { readonly routes?: unknown }
  if (!Array.isArray(routes) || routes.length <= PART) return validateConfig(config)
  if (!validateConfig({ ...(config as object), routes: [] })) return false
  for (let from = 0; from < routes.length; from += PART) {
    yield
    if (!validateConfig({ routes: routes.slice(from, from + PART) })) return false
  }
  return true
}

function* shapeOf(layer: Layer, keys: Keys): Iterable<string> {
  const { kind, place, at, value } = layer
  const unknown: string[] = []
  // With those that are inherited, as its own validator sees them.
  for (const name in value) {
    if (Object.hasOwn(layerKeys[kind], name)) continue
    const key = keys.at(place).get(name)
    if (key !== undefined) {
      if (value[name] !== undefined) yield* schemaProblems(key.validate, value[name], placeIn(layer, name))
    } else if (officialOwner(place, name) === undefined) unknown.push(name)
  }
  if (unknown.length === 0) return
  const where = at === '' ? 'the configuration' : at
  const foreign = foreignObject(value)
  if (foreign !== undefined) return yield `${where}: ${foreign}`
  const schema = { properties: propertiesOf(layer, keys) }
  for (const name of unknown) yield `${where}: unknown key '${short(name)}'${keyHint(short(name), schema)}`
}

// As far as hints go by it.
function propertiesOf(
  { kind, place }: Layer,
  keys: Keys
): Record<string, { readonly keys: readonly string[] }> {
  const properties: Record<string, { readonly keys: readonly string[] }> = {}
  for (const [name, own] of Object.entries(layerKeys[kind])) properties[name] = { keys: own }
  for (const [name, { validate }] of keys.at(place)) properties[name] = { keys: validate.keys ?? [] }
  return properties
}

/**
 * Yields what keys of features say about their values, and a problem for each whose plugin is not there: nothing that is
 * configured silently does nothing.
 */
export function* meaningOfKeys(config: unknown, native: NativeOptions, keys: Keys): Iterable<string> {
  for (const layer of layersOf(config, native)) {
    yield PAUSE
    for (const [name, value] of Object.entries(layer.value)) {
      const key = keys.at(layer.place).get(name)
      if (value === undefined || Object.hasOwn(layerKeys[layer.kind], name)) continue
      if (key !== undefined) {
        yield* key.check?.(value, placeIn(layer, name), layer.value) ?? []
        if (key.forwards === true && value !== false) yield* withoutEffect(layer, name)
      } else {
        const owner = officialOwner(layer.place, name)
        if (owner !== undefined && value !== false)
          yield `${placeIn(layer, name)}: needs the plugin '${owner}'`
      }
    }
  }
}

function* withoutEffect(layer: Layer, name: string): Iterable<string> {
  if (layer.kind !== 'route') return
  const answer = ownResponse(layer.value)
  if (answer !== null)
    yield `${placeIn(layer, name)}: does nothing: the route answers with '${answer}' and forwards nothing`
}
