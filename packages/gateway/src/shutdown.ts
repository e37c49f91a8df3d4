import { durationMs } from '@gatewright/core'
import type { FastifyInstance } from 'fastify'
import type { ShutdownConfig } from './config/config.js'
import type { HttpServer } from './http-server.js'

/** How far a gateway has come with stopping. */
export type ShutdownState = 'running' | 'waiting' | 'draining' | 'closed'

/** A stage of stopping that begins. */
export interface StopStage {
  /**
   * `waiting`: not ready, but requests are accepted; `announcing`: and every response is the last one of its connection;
   * `draining`: no new connections; `cut-off`: what is left is ended; `closed`: nothing is left.
   */
  readonly stage: 'waiting' | 'announcing' | 'draining' | 'cut-off' | 'closed'
  /** Requests under way. */
  readonly inFlight: number
  /** How long the stage may take, in milliseconds; 0 for no time. */
  readonly mostMs: number
}

/** How a gateway is to stop this time. */
export interface StopOptions {
  /** In place of `shutdown.wait`, in milliseconds. */
  readonly waitMs?: number
  /** Whether responses are the last ones of their connections from the beginning of the wait, not from its middle. */
  readonly announce?: boolean
}

/** Stops a gateway in stages; see {@link createShutdown}. */
export interface Shutdown {
  readonly state: ShutdownState
  /** Whether {@link force} was called: requests in flight were cut off. */
  readonly forced: boolean
  /** Begins the shutdown, or joins a running one. */
  stop(options?: StopOptions): Promise<void>
  /** Cuts off the requests in flight. */
  force(): void
}

/** What the shutdown needs to know, and whom it tells. */
export interface ShutdownContext {
  /** Those that hold when it begins. */
  settings(): ShutdownConfig
  /** Whether readiness may be looked at: then there is time to by default. */
  hasProbes(): boolean
  cutOff(): void
  whenClosed(): void
  /** Told of every stage. Must not throw. */
  readonly stopping?: ((stage: StopStage) => void) | undefined
}

/**
 * The stages: readiness fails; requests are still accepted for `wait`; then no new connections, requests in
 * flight finish within `drain`, idle connections close on both sides; remaining requests are then cut off. From the
 * middle of `wait` on, responses are the last ones of their connections.
 */
export function createShutdown(app: FastifyInstance, context: ShutdownContext): Shutdown {
  const { cutOff, whenClosed, stopping: tell } = context
  let state: ShutdownState = 'running'
  let stopping: Promise<void> | null = null
  let forced = false
  let endWait = (): void => {}

  function begins(stage: StopStage['stage'], mostMs = 0): void {
    tell?.({ stage, inFlight: app.hasDecorator('gateway') ? app.gateway.inFlight : 0, mostMs })
  }

  async function run(options: StopOptions): Promise<void> {
    state = 'waiting'
    const { wait, drain = '30s' } = context.settings()
    const waitMs = options.waitMs ?? (durationMs(wait ?? (context.hasProbes() ? '10s' : '0ms')) as number)
    if (waitMs > 0 && app.server.listening) await accepting(waitMs, options.announce === true)
    state = 'draining'
    if (app.hasDecorator('gateway')) app.gateway.draining = true
    const drainMs = durationMs(drain) as number
    begins('draining', drainMs)
    // A connection that becomes idle while draining would be kept for its whole keep-alive time.
    const reaper = setInterval(() => app.server.closeIdleConnections(), 50)
    const bound = setTimeout(endDrain, drainMs)
    try {
      await app.close()
    } finally {
      clearInterval(reaper)
      clearTimeout(bound)
      state = 'closed'
      begins('closed')
      whenClosed()
    }
  }

  async function accepting(waitMs: number, announce: boolean): Promise<void> {
    begins(announce ? 'announcing' : 'waiting', waitMs)
    if (announce) lastResponses()
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs)
      const middle = announce ? undefined : setTimeout(announceEnd, waitMs / 2, waitMs / 2)
      endWait = () => {
        clearTimeout(timer)
        clearTimeout(middle)
        resolve()
      }
    })
  }

  function announceEnd(mostMs: number): void {
    begins('announcing', mostMs)
    lastResponses()
  }

  // A client that is notified does not send its next request on a connection that is being closed.
  function lastResponses(): void {
    ;(app.server as HttpServer).lastResponses = true
  }

  function endDrain(): void {
    begins('cut-off')
    if (app.hasDecorator('gateway') && app.gateway.inFlight > 0)
      app.log.warn(
        { inFlight: app.gateway.inFlight },
        'requests were cut off: shutdown.drain was too short for them'
      )
    cutOff()
  }

  function force(): void {
    if (state === 'closed') return
    forced = true
    endWait()
    begins('cut-off')
    cutOff()
  }

  return {
    get state() {
      return state
    },
    get forced() {
      return forced
    },
    stop(options = {}) {
      stopping ??= run(options)
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
