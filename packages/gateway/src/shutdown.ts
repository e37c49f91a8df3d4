import { durationMs } from '@gatewright/core'
import type { FastifyInstance } from 'fastify'
import type { ShutdownConfig } from './config/config.js'
import type { HttpServer } from './http-server.js'

/** How far a gateway has come with stopping. */
export type ShutdownState = 'running' | 'waiting' | 'draining' | 'closed'

/** Stops a gateway in stages; see {@link createShutdown}. */
export interface Shutdown {
  readonly state: ShutdownState
  /** Whether {@link force} was called: requests in flight were cut off. */
  readonly forced: boolean
  /** Begins the shutdown, or joins a running one. */
  stop(): Promise<void>
  /** Cuts off the requests in flight. */
  force(): void
}

/**
 * The stages: readiness fails; requests are still accepted for `wait`; then no new connections, requests in
 * flight finish within `drain`, idle connections close on both sides; remaining requests are then cut off. From the
 * middle of `wait` on, responses are the last ones of their connections. With `hasProbes` readiness may be looked at, and
 * there is time to by default. `settings` are those that hold when it begins.
 */
export function createShutdown(
  app: FastifyInstance,
  settings: () => ShutdownConfig,
  hasProbes: () => boolean,
  whenClosed: () => void,
  cutOff: () => void
): Shutdown {
  let state: ShutdownState = 'running'
  let stopping: Promise<void> | null = null
  let forced = false
  let endWait = (): void => {}

  async function run(): Promise<void> {
    state = 'waiting'
    const { wait, drain = '30s' } = settings()
    const waitMs = durationMs(wait ?? (hasProbes() ? '10s' : '0ms')) as number
    if (waitMs > 0 && app.server.listening)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitMs)
        const lastResponses = setTimeout(announceEnd, waitMs / 2)
        endWait = () => {
          clearTimeout(timer)
          clearTimeout(lastResponses)
          resolve()
        }
      })
    state = 'draining'
    if (app.hasDecorator('gateway')) app.gateway.draining = true
    // A connection that becomes idle while draining would be kept for its whole keep-alive time.
    const reaper = setInterval(() => app.server.closeIdleConnections(), 50)
    const bound = setTimeout(endDrain, durationMs(drain) as number)
    try {
      await app.close()
    } finally {
      clearInterval(reaper)
      clearTimeout(bound)
      state = 'closed'
      whenClosed()
    }
  }

  // A client that is notified does not send its next request on a connection that is being closed.
  function announceEnd(): void {
    ;(app.server as HttpServer).lastResponses = true
  }

  function endDrain(): void {
    if (app.hasDecorator('gateway') && app.gateway.inFlight > 0)
      app.log.warn(
        { inFlight: app.gateway.inFlight },
        'requests were cut off: shutdown.drain was too short for them'
      )
    cutOff()
  }

  function force(): void {
    forced = true
    endWait()
    cutOff()
  }

  return {
    get state() {
      return state
    },
    get forced() {
      return forced
    },
    stop() {
      stopping ??= run()
      return stopping
    },
    force
  }
}

/**
 * Stops on SIGTERM and SIGINT: the first signal begins, the second forces. The process exits with 0 when it stopped as
 * configured: everything in flight finished, or had its whole `drain`. It exits with 1 when a second signal cut that
 * short, or a hook of the end failed. Returns what undoes it.
 */
export function stopOnSignals(app: FastifyInstance, shutdown: Shutdown): () => void {
  const onSignal = (): void => {
    if (shutdown.state !== 'running') shutdown.force()
    else
      shutdown.stop().then(
        () => process.exit(shutdown.forced ? 1 : 0),
        (error) => {
          app.log.error({ err: error }, 'stopping has failed')
          process.exit(1)
        }
      )
  }
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
  return () => process.off('SIGTERM', onSignal).off('SIGINT', onSignal)
}
