import { loadConfig, showSources, watchConfig, withPositions } from '@gatewright/config'
import { createGateway, type GatewayBuilder, type GatewayServerConfig } from '@gatewright/gateway'
import { tellLimits } from '@gatewright/serverless'
import type { Terminal } from './command.js'
import type { Keeper } from './keeper.js'
import { withLint } from './lint-changes.js'
import { type Overrides, overridden } from './overrides.js'
import { applyLoaded, problemsOf, type ReloadEvents } from './reloading.js'
import type { Timeline } from './timeline.js'

/** How a gateway is run from files and URLs. */
export interface Serving {
  readonly files: readonly string[]
  readonly overrides: Overrides
  /** Whether changes are followed; else `reload` alone reads again. */
  readonly watch: boolean
  readonly terminal: Terminal
  /** Keeps what has run; `null` for nobody. */
  readonly keeper: Keeper | null
  /** Prints how it stops. */
  readonly timeline: Timeline | null
  /** Changes the configuration of the start and of each reload. */
  adapt?(config: GatewayServerConfig): GatewayServerConfig
}

/** A gateway that runs from files. */
export interface Served {
  readonly gateway: GatewayBuilder
  readonly url: string
  /** Reads everything again and applies it. Never rejects. */
  reload(): Promise<void>
  /** Resolves when the gateway has closed. */
  readonly closed: Promise<void>
}

/**
 * Reads the files, starts a gateway and keeps it as they say: it is changed whenever one of them is, and on SIGHUP. What
 * is wrong with them then is reported to `events`, and the gateway goes on. Rejects if it cannot start.
 */
export async function serve(
  serving: Serving,
  eventsOf: (gateway: GatewayBuilder) => ReloadEvents
): Promise<Served> {
  const { files, overrides, terminal, timeline, keeper, adapt = (config) => config } = serving
  const place = { env: terminal.env, cwd: terminal.cwd }
  // A signal that comes while it starts is for when it has started: without a listener it would end the process.
  let reload: (() => Promise<void>) | null = null
  let isAsked = false
  const offSignal = terminal.onSignal('SIGHUP', () => {
    isAsked = true
    void reload?.()
  })
  try {
    return await start()
  } catch (error) {
    offSignal()
    throw error
  }

  async function start(): Promise<Served> {
    const first = await loadConfig(files, place)
    const origin = { source: first.sources.join(', ') }
    const gateway = withLint(
      createGateway(overridden(adapt(first.config), overrides), {
        origin,
        stopping: (stage) => timeline?.begins('', stage)
      })
    )
    const closed = new Promise<void>((resolve) => gateway.app.addHook('onClose', async () => resolve()))
    const url = await gateway.listen().catch((error: unknown) => {
      throw withPositions(error, first)
    })

    await keeper?.begin(first, files, gateway.app.log)
    tellLimits(gateway, terminal.env)

    const events = eventsOf(gateway)
    const watcher = watchConfig(files, {
      ...place,
      from: first,
      manual: !serving.watch,
      async onChange(loaded) {
        await applyLoaded(gateway, { ...loaded, config: adapt(loaded.config) }, overrides, events)
        await keeper?.add(loaded, files, gateway.app.log)
      },
      onError: (error) => events.refused(problemsOf(error))
    })
    showSources(gateway.app.gateway, watcher)
    reload = () => watcher.refresh()
    if (isAsked) void reload()
    void closed.then(() => {
      offSignal()
      watcher.close()
    })
    return { gateway, url, reload, closed }
  }
}
