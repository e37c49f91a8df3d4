import { invalidConfig } from './config-problems.js'
import { didYouMean } from './nearest.js'
import { officialGatewayKeys } from './official-keys.js'
import { layerKeys } from './validate-config.js'

/** Keys of the configuration that no option of core has. */
const CONFIG_KEYS = new Set([...Object.keys(layerKeys.gateway), ...officialGatewayKeys])

/** Options that Fastify itself gives a meaning to. */
const FASTIFYS = ['prefix', 'logLevel', 'logSerializers']

/**
 * Throws GW_CONFIG_INVALID for options that a plugin does not have: an unread option would do nothing in
 * silence. `elsewhere` says where they belong.
 */
export function checkPluginOptions(
  plugin: string,
  options: object,
  known: readonly string[] = [],
  elsewhere = 'the configuration has them'
): void {
  const strange = Object.keys(options).filter((key) => !known.includes(key) && !FASTIFYS.includes(key))
  if (strange.length === 0) return
  throw invalidConfig(
    strange.map((key) =>
      known.length === 0
        ? `${plugin}: takes no options, and was given '${key}'; ${elsewhere}`
        : `${plugin}: there is no option '${key}'${didYouMean(key, known)}`
    )
  )
}

const CORE = ['config', 'clock', 'chance', 'timers', 'transport', 'processes', 'origin']

/** The same for core itself, where the configuration is one option among others. */
export function checkCoreOptions(options: object): void {
  const flat = Object.keys(options).filter((key) => CONFIG_KEYS.has(key))
  if (flat.length > 0)
    throw invalidConfig(
      flat.map(
        (key) => `@gatewright/core: '${key}' belongs into 'config': register(core, { config: { ${key} } })`
      )
    )
  checkPluginOptions('@gatewright/core', options, CORE)
}
