import type { GatewayConfig } from '../config/config.js'
import type { Keys } from '../config/key-registry.js'
import { copyConfig, sameConfig } from '../config/same-config.js'
import type { ChangePart } from './change.js'

type Values = Readonly<Record<string, unknown>>

/** The keys, and parts of keys by path, that are read at the start only. */
export class ReadOnce {
  readonly #keys: Keys
  readonly #parts: readonly ChangePart[]
  #first: Values = {}
  #atStart: Values = {}

  constructor(keys: Keys, parts: readonly ChangePart[]) {
    this.#keys = keys
    this.#parts = parts
  }

  /** The gateway begins with this configuration. */
  begin(config: GatewayConfig): void {
    const given = config as Values
    const names = [...this.#keys.at('gateway').keys()]
    this.#first = Object.fromEntries(names.map((name) => [name, copyConfig(given[name])]))
    this.#atStart = copyConfig(this.#read(config)) as Values
  }

  /** The paths of what this configuration would have otherwise than the one that the gateway began with. */
  changed(config: GatewayConfig): string[] {
    const now = this.#read(config)
    return Object.keys(now).filter((path) => !sameConfig(now[path], this.#atStart[path]))
  }

  /** The configuration with the values of the start at these paths. */
  kept(config: GatewayConfig, paths: readonly string[]): GatewayConfig {
    const kept: Record<string, unknown> = { ...config }
    for (const path of paths) {
      const [key = '', part] = path.split('.')
      // A part that was absent at the start: so was its parent.
      if (part === undefined || !Object.hasOwn(this.#atStart, path)) kept[key] = copyConfig(this.#first[key])
      else kept[key] = { ...objectOf(kept[key]), [part]: copyConfig(this.#atStart[path]) }
    }
    return Object.fromEntries(
      Object.entries(kept).filter(([, value]) => value !== undefined)
    ) as GatewayConfig
  }

  #read(config: GatewayConfig): Values {
    const given = config as Values
    const keys = [...this.#keys.at('gateway').values()].filter(({ reload }) => reload === 'restart')
    const values: Record<string, unknown> = Object.fromEntries(keys.map(({ name }) => [name, given[name]]))
    for (const part of this.#parts) Object.assign(values, part.readOnce?.(config))
    return values
  }
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}
