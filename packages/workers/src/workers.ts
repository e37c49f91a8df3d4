import { type Chance, type Clock, type Gauge, monotonic, processTimers, type Timers } from '@gatewright/core'
import { cpuCount } from './cpu-count.js'
import { Gathering } from './gathering.js'
import type { MemberStage } from './member.js'
import { workerNodeOptions } from './node-options.js'
import { jsonLog, type PrimaryLog } from './primary-log.js'
import { rollingRestart } from './rolling-restart.js'
import { type Changed, SharedVersion } from './shared-change.js'
import { SharedProbes } from './shared-probes.js'
import { Stopping } from './stopping.js'
import { Team } from './team.js'
import { clusterFork, type Fork } from './worker-process.js'

/** How workers are started. */
export interface WorkersOptions {
  /** The program of each worker: a file that calls `serveWorker`. */
  readonly program: string
  /** Its arguments. Default: none. */
  readonly args?: readonly string[]
  /** How many, 1 to 1,024. Default 'auto': one for each CPU that the process may use. */
  readonly count?: number | 'auto'
  /** What they run: a text that only the program reads, such as a configuration as JSON. */
  readonly version: string
  /** Where it comes from, for the history. */
  readonly source?: string
  /** Whether limits that count in memory are divided by the number of workers, or each worker has them whole. Default 'divided'. */
  readonly limits?: 'divided' | 'each'
  /** Options of Node for them. Default: those of this process, and what keeps large bodies fast (docs/benchmarks). */
  readonly nodeOptions?: readonly string[]
  /** Default: JSON on the standard output. */
  readonly log?: PrimaryLog
  /** Told of every stage of stopping that a worker begins. */
  readonly stopping?: (worker: number, stage: MemberStage) => void
}

/** What tests replace. */
export interface WorkersSeams {
  readonly fork?: Fork
  readonly timers?: Timers
  readonly clock?: Clock
  readonly chance?: Chance
}

/** Workers that serve as one gateway. */
export interface Workers {
  /** Where they listen. */
  readonly url: string
  readonly count: number
  /** The revision of what they run, from 1. */
  readonly revision: number
  /** The port of probes and metrics; `null` for none. */
  readonly probePort: number | null
  /** Their processes. */
  readonly pids: readonly number[]
  /** Figures of the primary that a scrape shows besides those of the workers. */
  readonly gauges: Gauge[]
  /** Whether the configuration leaves signals to the gateway (`shutdown.signals`). */
  readonly signals: boolean
  /** Changes all of them to another version, or none. Never rejects. */
  change(version: string, source?: string): Promise<Changed>
  /**
   * Starts each anew, one after another: the next begins when the one before serves and its predecessor has let its clients
   * go. Rejects when one cannot start; the others go on.
   */
  restart(): Promise<void>
  /** Stops all in stages, as `shutdown` says. A second call joins the first. */
  stop(): Promise<void>
  /** Cuts off what is in flight, while they stop. */
  cutOff(): void
  /** Resolves when no worker is left, with an exit code: 0 stopped; 1 not as it should have; 3 no worker could be kept alive. */
  readonly closed: Promise<number>
}

/** Workers that ended again and again, as an exit code. */
const GIVEN_UP = 3

/**
 * Starts workers, in the primary process, which serves no request itself. Rejects when the first one cannot start, with what
 * it says.
 *
 * @example
 * const workers = await startWorkers({ program: '/app/worker.js', version: JSON.stringify(config) })
 * process.once('SIGTERM', () => workers.stop())
 * process.exitCode = await workers.closed
 */
export async function startWorkers(options: WorkersOptions, seams: WorkersSeams = {}): Promise<Workers> {
  const {
    program,
    args = [],
    version,
    source = '',
    limits = 'divided',
    log = jsonLog(process.stdout)
  } = options
  const size = countOf(options.count)
  const { timers = processTimers, clock = monotonic, chance = Math.random } = seams
  const fork =
    seams.fork ?? clusterFork({ program, args, nodeOptions: options.nodeOptions ?? workerNodeOptions() })

  let close: (code: number) => void = () => {}
  const closed = new Promise<number>((resolve) => {
    close = resolve
  })
  const stopping = new Stopping(timers)
  let stopped: Promise<void> | null = null
  let restarting: Promise<void> | null = null
  let probePort: number | null = null

  const shared = new SharedVersion(() => team, timers, log, version, source)
  const gauges: Gauge[] = []
  const gathering = new Gathering(
    () => team,
    () => shared.revision,
    gauges,
    clock
  )
  const probes = new SharedProbes(
    () => team,
    () => !team.stopped && team.serving.some(({ responds }) => responds)
  )
  const team: Team = new Team({
    size,
    fork,
    timers,
    clock,
    chance,
    log,
    orders: () => ({ ...shared.orders, processes: limits === 'each' ? 1 : size }),
    gone: (member) => gathering.keep(member),
    async asked(_member, type, { body }) {
      if (type === 'probes') {
        probePort = await probes.start(body)
        return { body: { port: probePort } }
      }
      if (type !== 'gather') throw new Error(`nobody answers '${type}'`)
      const { format } = body as { readonly format?: unknown }
      const { type: mediaType, text } = await gathering.show(format === 'openmetrics' ? format : 'prometheus')
      return { body: { type: mediaType }, text }
    },
    stage(member, stage) {
      stopping.stage(member, stage)
      if (team.stopped) options.stopping?.(member.worker, stage)
    },
    givenUp(error) {
      log.error({ err: error.message }, 'no worker can be kept alive: given up')
      void end(GIVEN_UP)
    }
  })

  async function end(code: number | null): Promise<void> {
    team.stop()
    const isWell = await stopping.stop([...team.members])
    probes.close()
    close(code ?? (isWell ? 0 : 1))
  }

  try {
    await team.begin()
  } catch (error) {
    await end(GIVEN_UP)
    throw error
  }
  return {
    closed,
    count: size,
    gauges,
    get url() {
      return team.serving[0]?.url ?? ''
    },
    get revision() {
      return shared.revision
    },
    get probePort() {
      return probePort
    },
    get pids() {
      return [...team.members].map(({ pid }) => pid)
    },
    get signals() {
      return team.serving.every(({ signals }) => signals)
    },
    change: (next, from = source) => shared.change(next, from),
    restart() {
      restarting ??= rollingRestart(team, shared, timers).finally(() => {
        restarting = null
      })
      return restarting
    },
    stop() {
      stopped ??= end(null)
      return stopped
    },
    cutOff: () => stopping.force()
  }
}

function countOf(count: WorkersOptions['count'] = 'auto'): number {
  if (count === 'auto') return cpuCount()
  if (Number.isInteger(count) && count >= 1 && count <= 1_024) return count
  throw new RangeError(`count: ${count} must be 'auto' or a whole number, 1 to 1024`)
}
