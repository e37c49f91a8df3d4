import type { GatewayConfig, Gauge } from '@gatewright/core'
import { type GatewayKit, gatewayKit, type KitApp, type KitGateway, type KitSeams } from './gateway-kit.js'

/** A feature, and what the contract of reload has to know of it. */
export interface ReloadSubject {
  /** Makes a gateway that begins with this configuration, on virtual time; see `GatewayKit.seams`. */
  create(config: GatewayConfig, seams: KitSeams): ReloadGateway | Promise<ReloadGateway>
  /** A configuration that uses the feature: new objects at every call, which say the same. */
  config(): GatewayConfig
  /** Another one, which uses it in another way: other numbers, something more and something less. */
  changed(): GatewayConfig
  /** One that does not use it. Default: the checks of this are left out. */
  off?(): GatewayConfig
  /** Brings the feature, which runs on `config`, into a state worth keeping. Default: one request for `/`. */
  arrange?(app: KitApp, kit: GatewayKit): Promise<void>
  /** What can be seen of the feature besides figures, stages, timers and listeners: plain data. */
  observe?(app: KitApp): unknown
}

/** A gateway that can be closed. */
export type ReloadGateway = KitGateway & { close(): PromiseLike<unknown> }

/** A running gateway of the contract. */
export interface Running {
  readonly kit: GatewayKit
  readonly app: KitApp
}

/** Runs a check on a gateway that begins with a configuration, and closes it. */
export async function running(
  subject: ReloadSubject,
  config: GatewayConfig,
  check: (running: Running) => Promise<void>
): Promise<void> {
  const kit = gatewayKit()
  const gateway = await subject.create(config, kit.seams)
  const app = 'app' in gateway ? gateway.app : gateway
  try {
    await app.ready()
    await check({ kit, app })
  } finally {
    await gateway.close()
  }
}

/** The same on `config`, once something has happened. */
export function arranged(subject: ReloadSubject, check: (running: Running) => Promise<void>): Promise<void> {
  return running(subject, subject.config(), async ({ app, kit }) => {
    await (subject.arrange?.(app, kit) ?? kit.request(app, '/'))
    await check({ app, kit })
  })
}

/** What can be seen of a gateway, as plain data. */
export function observed({ app, kit }: Running, subject: ReloadSubject): unknown {
  const { snapshot, gauges, inFlight } = app.gateway
  return {
    feature: subject.observe?.(app),
    figures: gauges.flatMap((gauge) => figuresOf(gauge)),
    pools: [...snapshot.pools.values()].map(({ id, policyName, endpoints }) => ({
      id,
      policyName,
      endpoints: endpoints.map(({ url, weight, health, draining, started }) => ({
        url,
        weight,
        health,
        draining,
        started
      }))
    })),
    stages: Object.entries(snapshot.stages).map(([kind, stages]) => `${kind}: ${namesOf(stages)}`),
    steps: [snapshot, ...snapshot.routes, ...snapshot.native.values()].map(({ pipeline }) => pipeline.names),
    inFlight,
    timers: kit.time.pending,
    listeners: process.eventNames().map((name) => `${String(name)}: ${process.listenerCount(name)}`)
  }
}

function figuresOf({ name, read }: Gauge): string[] {
  const figures: string[] = []
  read((value, ...labels) => void figures.push(`${name} ${labels.join(' ')}: ${value}`))
  return figures
}

function namesOf(stages: unknown): string {
  const names = (Array.isArray(stages) ? stages : [stages]) as readonly { readonly name?: string }[]
  return names.map((stage) => stage.name ?? stage.constructor.name).join(', ')
}
