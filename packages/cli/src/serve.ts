import { type LoadedConfig, loadConfig, watchConfig, withPositions } from '@gatewright/config'
import { createGateway, type GatewayBuilder, type GatewayServerConfig } from '@gatewright/gateway'
import type { Terminal } from './command.js'
import { withLint } from './lint-changes.js'
import { type Overrides, overridden } from './overrides.js'
import { applyLoaded, problemsOf, type ReloadEvents } from './reloading.js'
import type { Timeline } from './timeline.js'

/** How a gateway is run from files. */
export interface Serving {
  readonly files: readonly string[]
  readonly overrides: Overrides
  readonly watch: boolean
  readonly terminal: Terminal
  /** Prints how it stops. */
  readonly timeline: Timeline | null
  /** Changes the configuration of the start and of each reload. */
  adapt?(config: GatewayServerConfig): GatewayServerConfig
}

/** A gateway that runs from files. */
export interface Served {
  readonly gateway: GatewayBuilder
  readonly url: string
  /** Reads the files again and applies them. Never rejects. */
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
  const { files, overrides, terminal, timeline, adapt = (config) => config } = serving
  const place = { env: terminal.env, cwd: terminal.cwd }
  const read = async (): Promise<LoadedConfig> => {
    const loaded = await loadConfig([...files], place)
    return { ...loaded, config: adapt(loaded.config) }
  }

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
    const first = await read()
    const gateway = withLint(
      createGateway(overridden(first.config, overrides), {
        stopping: (stage) => timeline?.begins('', stage)
      })
    )
    const closed = new Promise<void>((resolve) => gateway.app.addHook('onClose', async () => resolve()))
    const url = await gateway.listen().catch((error: unknown) => {
      throw withPositions(error, first)
    })

    const events = eventsOf(gateway)
    const readAgain = async (): Promise<void> => {
      const loaded = await read().catch((error: unknown) => events.refused(problemsOf(error)))
      if (loaded !== undefined) await applyLoaded(gateway, loaded, overrides, events)
    }
    reload = readAgain
    if (isAsked) void readAgain()
    const watcher = serving.watch
      ? watchConfig([...files], {
          ...place,
          from: first,
          onChange: (loaded) =>
            void applyLoaded(gateway, { ...loaded, config: adapt(loaded.config) }, overrides, events),
          onError: (error) => events.refused(problemsOf(error))
        })
      : null
    void closed.then(() => {
      offSignal()
      watcher?.close()
    })
    return { gateway, url, reload: readAgain, closed }
  }
}
