/** A kind of project. Its files are in `templates/<name>`, on top of those in `templates/shared`. */
export interface Preset {
  readonly name: string
  /** What it is for, in a few words. */
  readonly summary: string
}

/** The first one is the default. */
export const PRESETS = [
  {
    name: 'minimal',
    summary: 'one service behind balancing, retries, ejection and a circuit breaker'
  },
  {
    name: 'api',
    summary: 'an API for consumers: keys or tokens, quotas, CORS, transforms, health checks, metrics'
  },
  {
    name: 'bff',
    summary: 'a backend for a frontend: sessions in a cookie, several services, one answer out of two'
  },
  {
    name: 'plugin',
    summary: 'a Fastify app with routes of its own, and a gateway beside them'
  }
] as const satisfies readonly Preset[]

/** The name of a preset. */
export type PresetName = (typeof PRESETS)[number]['name']

/** Whether there is a preset of this name. */
export function isPreset(name: string): name is PresetName {
  return PRESETS.some((preset) => preset.name === name)
}
