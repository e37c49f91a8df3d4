import { defineKey, durationMs, type Key, type Origin } from '@gatewright/core'
import { closed, duration } from '@gatewright/core/terms'
import type { FastifyInstance } from 'fastify'

/** A stamp on every request, as a route or its pool says. */
export type StampConfig =
  | false
  | { readonly text: string; readonly holds?: `${number}s`; readonly keeps?: number }

declare module '@gatewright/core' {
  interface PoolConfig<B extends string = never> {
    /** The stamp of its routes. Default: none. */
    stamp?: StampConfig
  }
  interface PolicyConfig<P extends string = string> {
    stamp?: StampConfig
  }
  interface PathlessRouteConfig<P extends string = string, U extends string = string> {
    stamp?: StampConfig
  }
  interface NativeRouteConfig<P extends string = string, U extends string = string> {
    stamp?: StampConfig
  }
  interface GatewayConfig<P extends string = string, U extends string = string> {
    /** How many stamps there are at all. */
    stampRolls?: number
  }
}

interface Stamp {
  readonly text: string
  readonly holdsMs: number
}

/** `stamp` of pools, policies and routes. */
export const stampKey: Key<StampConfig, Stamp | null> = defineKey({
  name: 'stamp',
  on: ['pool', 'policy', 'route'],
  plugin: 'toy-stamp',
  reload: 'live',
  schema: {
    anyOf: [
      { const: false },
      {
        type: 'object',
        ...closed,
        required: ['text'],
        properties: {
          text: { type: 'string', minLength: 1, maxLength: 8 },
          holds: duration('', { least: '2s' }),
          keeps: { type: 'integer', minimum: 0 }
        }
      }
    ]
  },
  resolve: (config) =>
    config === undefined || config === false
      ? null
      : { text: config.text, holdsMs: durationMs(config.holds ?? '5s') as number },
  *check(config, at) {
    if (config !== false && config.text.trim() === '') yield `${at}.text: must have something to read`
  },
  keepsBody: (config) => (config === false ? 0 : (config.keeps ?? 0)),
  forwards: true
})

/** `stampRolls` of the whole configuration. */
const rollsKey: Key<number, number> = defineKey({
  name: 'stampRolls',
  on: ['gateway'],
  plugin: 'toy-stamp',
  reload: 'restart',
  schema: { type: 'integer', minimum: 1 },
  resolve: (rolls = 1) => rolls
})

/** What the running configuration says of each route, by its id. */
export type Stamps = Map<string, { readonly stamp: Stamp | null; readonly origin: Origin | null }>

/** A feature as a package of its own may be: its keys are known nowhere but here. */
export function stamping(stamps: Stamps) {
  return async function stamping({ gateway }: FastifyInstance): Promise<void> {
    gateway.keys.add(stampKey, rollsKey)
    gateway.changes.push({
      name: 'stamping',
      prepare: ({ routes, native }) => ({
        commit() {
          stamps.clear()
          for (const route of [...routes, ...native.values()])
            stamps.set(route.id, { stamp: route.setting(stampKey), origin: route.origin(stampKey.name) })
        }
      })
    })
  }
}
