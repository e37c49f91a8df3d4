import { createHash } from 'node:crypto'
import type { GatewayConfig, RouteConfig } from '../config/config.js'
import type { InSteps } from '../config/in-steps.js'
import { copyConfig } from '../config/same-config.js'
import type { ApplyOptions } from './apply-options.js'

/** How many versions are kept, the running one included. */
const KEPT = 10

/** Who made a change, why, and where it came from: as the caller says. */
export type ChangeOrigin = Pick<ApplyOptions, 'author' | 'reason' | 'source'>

/** A configuration that has run, or runs. */
export class ConfigVersion {
  readonly revision: number
  /** The revision that it took the place of; `null` for the first. */
  readonly parent: number | null
  /** As it was when it was applied; what the caller changed in it since then is not in it. */
  readonly config: GatewayConfig
  /** When it began to run: milliseconds since 1970. */
  readonly at: number
  readonly author: string | null
  readonly reason: string | null
  /** Where it came from, such as a file. */
  readonly source: string | null
  readonly #identities: Identities
  #id: string | null = null

  constructor(
    revision: number,
    parent: number | null,
    config: GatewayConfig,
    at: number,
    origin: ChangeOrigin,
    identities: Identities
  ) {
    this.#identities = identities
    this.revision = revision
    this.parent = parent
    this.config = config
    this.at = at
    this.author = origin.author ?? null
    this.reason = origin.reason ?? null
    this.source = origin.source ?? null
  }

  /**
   * A name of its content, 16 hexadecimal digits of SHA-256: the same for the same content, in any order of keys. Functions
   * and instances are told apart by what they are, so that with them it means something in this process only.
   */
  get id(): string {
    this.#id ??= createHash('sha256')
      .update(canonical(this.config, this.#identities))
      .digest('hex')
      .slice(0, 16)
    return this.#id
  }
}

/** The last configurations, oldest first. */
export class History {
  readonly #identities = new Identities()
  #versions: readonly ConfigVersion[] = []

  get versions(): readonly ConfigVersion[] {
    return this.#versions
  }

  /** A configuration that is about to run, with a copy of what it says. */
  *version(
    revision: number,
    parent: number | null,
    { routes, ...others }: GatewayConfig,
    origin: ChangeOrigin
  ): InSteps<ConfigVersion> {
    const config = copyConfig(others) as GatewayConfig
    if (routes !== undefined) {
      const copied: RouteConfig[] = []
      for (const route of routes) {
        copied.push(copyConfig(route) as RouteConfig)
        yield
      }
      config.routes = copied
    }
    return new ConfigVersion(revision, parent, config, Date.now(), origin, this.#identities)
  }

  /** It runs from now on. */
  add(version: ConfigVersion): void {
    this.#versions = [...this.#versions.slice(1 - KEPT), version]
  }

  find(revision: number): ConfigVersion | undefined {
    return this.#versions.find((version) => version.revision === revision)
  }
}

function canonical(value: unknown, identities: Identities): string {
  if (Array.isArray(value)) return `[${value.map((part) => canonical(part, identities)).join()}]`
  if (typeof value === 'function') return `function ${identities.of(value)}`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined'
  const inherited: unknown = Object.getPrototypeOf(value)
  if (inherited !== null && inherited !== Object.prototype) return `instance ${identities.of(value)}`
  const parts = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${parts.map(([key, part]) => `${JSON.stringify(key)}:${canonical(part, identities)}`).join()}}`
}

/** Numbers for what is told apart by what it is, for as long as that lives. */
class Identities {
  readonly #numbers = new WeakMap<object, number>()
  #last = 0

  of(value: object): number {
    const known = this.#numbers.get(value)
    if (known !== undefined) return known
    this.#numbers.set(value, ++this.#last)
    return this.#last
  }
}
