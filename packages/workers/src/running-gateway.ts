import {
  createGateway,
  type GatewayBuilder,
  type GatewayServerConfig,
  type StopStage
} from '@gatewright/gateway'
import { type Channel, type Message, RefusedError } from './channel.js'
import { numberIn, textIn } from './frame.js'
import type { Orders } from './member.js'
import type { WorkerConfig, WorkerProgram } from './worker-program.js'

/** How long the primary may take to start probes, and to gather metrics, in milliseconds. */
const PROBES_MS = 10_000
const GATHER_MS = 9_000

/** A change that is ready, and waits for the word of the primary. */
interface Pending {
  readonly applied: Promise<unknown>
  decide(error?: Error): void
}

/** The gateway of a worker. */
export class RunningGateway {
  readonly #program: WorkerProgram
  readonly #channel: () => Channel
  #gateway: GatewayBuilder | null = null
  #pending: Pending | null = null
  #forced = false

  constructor(program: WorkerProgram, channel: () => Channel) {
    this.#program = program
    this.#channel = channel
  }

  /** Starts it and listens. Rejects with what is wrong. */
  async start({ version, base, source, processes }: Orders): Promise<Partial<Message>> {
    const first = await this.#read(base ?? version)
    const create = this.#program.create ?? ((config, seams) => createGateway(config, seams))
    const gateway = create(withoutSignals(first.config), {
      processes,
      startProbes: async (probes, _isReady, metrics, beside) => {
        if (probes === undefined || probes === false) return null
        if (metrics !== null) this.#gatherAll(gateway)
        const { body } = await this.#channel().ask('probes', PROBES_MS, { probes, ...beside })
        return { port: numberIn(body, 'port'), close() {} }
      },
      stopping: (stage: StopStage) => this.#channel().tell('stage', stage)
    })
    this.#gateway = gateway
    let shown = first
    try {
      await gateway.ready()
      this.#gatherAll(gateway)
      if (base !== null) {
        shown = await this.#read(version)
        await gateway.apply(withoutSignals(shown.config), { onRestartKeys: 'keep', source })
      }
      const url = await gateway.listen()
      const signals = first.config.shutdown?.signals !== false
      return { body: { url, signals, metricsPaths: this.#metricsPaths } }
    } catch (error) {
      throw new RefusedError(problemsOf(shown, error), 'start')
    }
  }

  /** Makes a change ready, and then waits for {@link commit} or {@link abandon}. Rejects with what is wrong with it. */
  async prepare(version: string, source: string): Promise<Partial<Message>> {
    const gateway = this.#gateway
    if (gateway === null || gateway.state === 'draining' || gateway.state === 'closed')
      return { body: { closing: true } }
    this.abandon()
    const next = await this.#read(version)
    return await new Promise((resolve, reject) => {
      const applied = gateway.apply(withoutSignals(next.config), {
        onRestartKeys: 'keep',
        source,
        confirm: () =>
          new Promise((confirm, refuse) => {
            this.#pending = { applied, decide: (error) => (error === undefined ? confirm() : refuse(error)) }
            resolve({ body: {} })
          })
      })
      applied.catch((error) => {
        if (gateway.state === 'draining' || gateway.state === 'closed') resolve({ body: { closing: true } })
        else reject(new RefusedError(problemsOf(next, error), 'change'))
      })
    })
  }

  /** Takes over what was made ready. */
  async commit(): Promise<Partial<Message>> {
    const pending = this.#pending
    if (pending === null) throw new RefusedError('nothing was made ready', 'change')
    this.#pending = null
    pending.decide()
    const { needsRestart, revision } = (await pending.applied) as { needsRestart: string[]; revision: number }
    return { body: { needsRestart, revision, metricsPaths: this.#metricsPaths } }
  }

  /** Gives up what was made ready. */
  abandon(): void {
    this.#pending?.decide(new Error('another worker refuses'))
    this.#pending = null
  }

  /** What this worker has counted; no text where metrics are off. */
  async metrics(): Promise<Message> {
    const app = this.#gateway?.app
    if (app === undefined || this.#metricsPaths.length === 0) return { body: {}, text: '' }
    const { body: text } = await app.metrics.own('openmetrics')
    return { body: { across: app.metrics.across }, text }
  }

  /** Answers a scrape that the primary was asked for. */
  async scrape(path: string, headers: Readonly<Record<string, unknown>>): Promise<Partial<Message>> {
    const app = this.#gateway?.app
    if (app?.hasDecorator('metrics') !== true) return { body: { status: 404 } }
    const {
      status,
      headers: fields,
      body
    } = await app.metrics.answer(path, {
      authorization: textIn(headers, 'authorization'),
      accept: textIn(headers, 'accept')
    })
    return { body: { status, headers: fields }, text: body }
  }

  /** Stops in stages. Whether everything in flight could end. */
  async stop(options: { readonly waitMs?: number; readonly announce?: boolean }): Promise<boolean> {
    this.abandon()
    if (this.#gateway === null) return true
    try {
      await this.#gateway.close(options)
      return !this.#forced
    } catch (error) {
      this.#gateway.app.log.error({ err: error }, 'stopping has failed')
      return false
    }
  }

  cutOff(): void {
    this.#forced = true
    this.#gateway?.cutOff()
  }

  async #read(version: string): Promise<WorkerConfig> {
    try {
      return await this.#program.read(version)
    } catch (error) {
      throw new RefusedError((error as Error).message, 'read')
    }
  }

  get #metricsPaths(): readonly string[] {
    const app = this.#gateway?.app
    return app?.hasDecorator('metrics') === true ? app.metrics.paths : []
  }

  // A scrape shows all workers, whoever answers it; this one alone, where the primary does not.
  #gatherAll({ app }: GatewayBuilder): void {
    if (!app.hasDecorator('metrics')) return
    app.metrics.gather = async (format) => {
      try {
        const { body, text } = await this.#channel().ask('gather', GATHER_MS, { format })
        return { type: textIn(body, 'type'), body: text }
      } catch {
        return await app.metrics.own(format)
      }
    }
  }
}

// The primary heeds them. A value of the wrong shape stays, to be reported with all others.
function withoutSignals(config: GatewayServerConfig): GatewayServerConfig {
  const { shutdown = {} } = config
  if (typeof shutdown !== 'object' || shutdown === null) return config
  return { ...config, shutdown: { ...shutdown, signals: false } }
}

function problemsOf({ problemsOf: told }: WorkerConfig, error: unknown): string {
  if (told !== undefined) return told(error)
  return error instanceof Error ? error.message : String(error)
}
