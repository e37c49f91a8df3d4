import type { Clock, Timers } from '@gatewright/core'
import { Channel, type Listener, RefusedError, SilentError } from './channel.js'
import { fieldsOf, numberIn, textIn } from './frame.js'
import type { Ended, WorkerProcess } from './worker-process.js'

/** How far a worker is: being started; serving; serving no longer for long; gone. */
export type MemberState = 'starting' | 'serving' | 'leaving' | 'gone'

/** A stage of stopping that a worker has begun. */
export interface MemberStage {
  readonly stage: string
  readonly inFlight: number
  /** How long it may take, in milliseconds. */
  readonly mostMs: number
}

/** Who is told what a worker does. */
export interface MemberListener {
  asked(member: Member, ...question: Parameters<Listener['asked']>): ReturnType<Listener['asked']>
  /** It asks to be replaced, as a signal has told it to end. */
  asksToLeave(member: Member): void
  stage(member: Member, stage: MemberStage): void
  ended(member: Member, ended: Ended): void
}

/** What a worker is told at its start. */
export interface Orders {
  readonly version: string
  /** The version with which all others have started, where the difference needs a restart; `null` for the same. */
  readonly base: string | null
  readonly source: string
  readonly processes: number
}

/** How long a start may take, in milliseconds. */
const START_MS = 60_000
/** How often a worker is asked for a sign of life, in milliseconds. */
const PING_MS = 2_000
/** Questions without an answer after which it is taken to be stuck: none of its clients are served. */
const MOST_MISSED = 5

/** What a worker that could not start has said; `kind` is `''` where it has ended without a word. */
export class StartError extends Error {
  readonly kind: string

  constructor(message: string, kind: string) {
    super(message)
    this.kind = kind
  }
}

/** A worker, from its start to its end. */
export class Member {
  /** The number of its place, from 1: the one that takes its place has the same. */
  readonly worker: number
  readonly channel: Channel
  state: MemberState = 'starting'
  /** The stage of stopping, `''` for none, and how long it may take, in milliseconds. */
  stage = ''
  stageMs = 0
  /** Where it listens. */
  url = ''
  /** The paths that it answers scrapes on. */
  metricsPaths: readonly string[] = []
  /** Whether signals to the primary stop it. */
  signals = true
  /** Its last metrics, for when it is gone. */
  lastMetrics: { readonly text: string; readonly across: Readonly<Record<string, unknown>> } | null = null
  /** Why it was killed; `''` if it was not. */
  killedFor = ''
  servesSince = 0
  readonly ended: Promise<Ended>
  readonly #process: WorkerProcess
  readonly #timers: Timers
  readonly #clock: Clock
  #missed = 0
  #greeted = (): void => {}
  // What is sent before its program listens is lost.
  readonly #hello = new Promise<void>((resolve) => {
    this.#greeted = resolve
  })

  constructor(
    worker: number,
    process: WorkerProcess,
    listener: MemberListener,
    { timers, clock }: { readonly timers: Timers; readonly clock: Clock }
  ) {
    this.worker = worker
    this.#process = process
    this.#timers = timers
    this.#clock = clock
    this.channel = new Channel(
      process,
      {
        told: (type, { body, text }) => {
          if (type === 'hello') this.#greeted()
          else if (type === 'leave') listener.asksToLeave(this)
          else if (type === 'stage') {
            this.stage = textIn(body, 'stage')
            this.stageMs = numberIn(body, 'mostMs')
            listener.stage(this, {
              stage: this.stage,
              inFlight: numberIn(body, 'inFlight'),
              mostMs: this.stageMs
            })
          } else if (type === 'metrics') this.keepMetrics(text, body)
        },
        asked: (type, message) => listener.asked(this, type, message)
      },
      timers
    )
    process.onMessage((message) => this.channel.received(message))
    this.ended = new Promise((resolve) =>
      process.onEnd((ended) => {
        this.channel.close()
        resolve(ended)
        listener.ended(this, ended)
        this.state = 'gone'
      })
    )
  }

  get pid(): number {
    return this.#process.pid
  }

  /** Whether it answers. */
  get responds(): boolean {
    return this.#missed < 2
  }

  /** Whether new connections may still come to it. */
  get accepts(): boolean {
    return (
      this.state === 'serving' ||
      (this.state === 'leaving' && (this.stage === '' || this.stage === 'announcing'))
    )
  }

  /** Starts it. Rejects with a {@link StartError}; the process is then on its way out. */
  async start({ version, base, source, processes }: Orders): Promise<void> {
    try {
      await this.#listens()
      const { body } = await this.channel.ask(
        'start',
        START_MS,
        { base, source, processes, worker: this.worker },
        version
      )
      this.url = textIn(body, 'url')
      this.signals = fieldsOf(body).signals !== false
      this.takePaths(body)
      this.state = 'serving'
      this.servesSince = this.#clock()
      this.#watch()
    } catch (error) {
      this.kill('it did not start')
      throw new StartError((error as Error).message, error instanceof RefusedError ? error.kind : '')
    }
  }

  async #listens(): Promise<void> {
    let cancel = (): void => {}
    const late = new Promise<never>((_, reject) => {
      cancel = this.#timers.after(
        START_MS,
        () => reject(new SilentError('its program has not called serveWorker')),
        true
      )
    })
    const over = this.ended.then(({ code, signal }) => {
      throw new SilentError(`it has ended with ${signal ?? `exit code ${code}`}`)
    })
    try {
      await Promise.race([this.#hello, late, over])
    } finally {
      cancel()
    }
  }

  /** Learns where it answers scrapes. */
  takePaths(body: unknown): void {
    const { metricsPaths } = fieldsOf(body)
    if (Array.isArray(metricsPaths))
      this.metricsPaths = metricsPaths.filter((path) => typeof path === 'string')
  }

  keepMetrics(text: string, body: unknown): void {
    this.lastMetrics = { text, across: fieldsOf(fieldsOf(body).across) }
  }

  /** Lets it end in stages. With `waitMs`, it takes requests for so long, and its clients are told to go. */
  leave(waitMs?: number): void {
    if (this.state !== 'serving') return
    this.state = 'leaving'
    this.channel.tell('stop', waitMs === undefined ? {} : { waitMs, announce: true })
  }

  kill(because: string): void {
    if (this.state === 'gone') return
    this.killedFor ||= because
    this.#process.kill()
  }

  // By answers, not by time: where the whole machine has slept, nothing is amiss.
  #watch(): void {
    const stop = this.#timers.every(PING_MS, () => {
      if (this.state === 'gone') stop()
      else if (this.#missed >= MOST_MISSED) this.kill('it was stuck')
      else {
        this.#missed++
        this.channel.ask('ping', PING_MS * MOST_MISSED).then(
          () => {
            this.#missed = 0
          },
          () => {}
        )
      }
    })
    void this.ended.then(stop)
  }
}
