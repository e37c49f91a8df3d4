import { nextTurn, processTimers } from '@gatewright/core'
import { seededChance, type VirtualTime, virtualTime } from '@gatewright/testing'
import { Channel, type Message, RefusedError } from './channel.js'
import type { PrimaryLog } from './primary-log.js'
import type { Ended, Fork, WorkerProcess } from './worker-process.js'
import { startWorkers, type Workers, type WorkersOptions } from './workers.js'

/** What a worker does when it is asked; `null` is never. */
export interface Behaviour {
  /** Whether its program calls serveWorker. */
  greets: boolean
  answer(type: string, message: Message): Promise<Partial<Message>> | Partial<Message>
}

/** A worker of a test: no process, but the messages of one. */
export class FakeWorker implements WorkerProcess {
  readonly pid: number
  readonly channel: Channel
  /** What it was told and asked, and the texts with it. */
  readonly heard: { readonly type: string; readonly text: string; readonly body: unknown }[] = []
  killed = false
  gone = false
  #deliver: (message: unknown) => void = () => {}
  #end: (ended: Ended) => void = () => {}

  constructor(pid: number, behaviour: Behaviour) {
    this.pid = pid
    this.channel = new Channel(
      { send: (message) => queueMicrotask(() => this.#deliver(structuredClone(message))) },
      {
        told: (type, { body, text }) => {
          this.heard.push({ type, text, body })
          if (type === 'stop') void behaviour.answer('stop', { body, text })
        },
        asked: async (type, message) => {
          this.heard.push({ type, ...message })
          return await behaviour.answer(type, message)
        }
      },
      processTimers
    )
    if (behaviour.greets) this.channel.tell('hello')
  }

  send(message: object): void {
    const copy = structuredClone(message)
    queueMicrotask(() => {
      if (!this.gone) this.channel.received(copy)
    })
  }

  kill(): void {
    this.killed = true
    this.end(null, 'SIGKILL')
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#deliver = listener
  }

  onEnd(listener: (ended: Ended) => void): void {
    this.#end = listener
  }

  /** It ends. */
  end(code: number | null, signal: string | null = null): void {
    if (this.gone) return
    this.gone = true
    this.channel.close()
    this.#end({ code, signal })
  }

  /** Sends something that is no message of the gateway's, or looks as if it were. */
  utter(message: unknown): void {
    this.#deliver(message)
  }

  /** The types of what it has heard, pings left out. */
  get types(): string[] {
    return this.heard.map(({ type }) => type).filter((type) => type !== 'ping')
  }
}

/** Workers without processes, in virtual time. */
export interface FakeTeam {
  readonly workers: FakeWorker[]
  readonly time: VirtualTime
  readonly lines: string[]
  readonly stages: string[]
  /** What the next workers do; by default they answer everything well. */
  next: Partial<Behaviour>
  start(options?: Partial<WorkersOptions>): Promise<Workers>
  /** Lets everything go on that waits for no time. */
  settle(): Promise<void>
  /** Lets time pass, and what follows from it go on. */
  pass(ms: number): Promise<void>
}

export function fakeTeam(): FakeTeam {
  const workers: FakeWorker[] = []
  const time = virtualTime()
  const lines: string[] = []
  const stages: string[] = []
  const note =
    (level: string): PrimaryLog['info'] =>
    (fields, message) => {
      lines.push(`${level} ${message} ${JSON.stringify(fields)}`)
    }
  const fork: Fork = () => {
    const worker = new FakeWorker(workers.length + 1, {
      greets: true,
      answer: (type) => wellAnswered(worker, type),
      ...team.next
    })
    workers.push(worker)
    return worker
  }
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 12; turn++) await nextTurn()
  }
  const team: FakeTeam = {
    workers,
    time,
    lines,
    stages,
    next: {},
    settle,
    async start(options = {}) {
      const log = { info: note('info'), warn: note('warn'), error: note('error') }
      const stopping: WorkersOptions['stopping'] = (worker, { stage }) => stages.push(`${worker} ${stage}`)
      const started = startWorkers(
        { program: '', count: 2, version: 'v1', log, stopping, ...options },
        { fork, timers: time.timers, clock: time.clock, chance: seededChance() }
      )
      started.catch(() => {})
      await settle()
      return await started
    },
    async pass(ms) {
      await settle()
      for (const until = time.now() + ms; time.now() < until; ) {
        time.advance(Math.min(until, Math.max(time.nextAt(), time.now())) - time.now())
        await settle()
        if (time.nextAt() > until) time.advance(until - time.now())
      }
      await settle()
    }
  }
  return team
}

/** What a worker answers that is well; one that is to stop ends. */
export function wellAnswered(worker: FakeWorker, type: string): Partial<Message> {
  if (type === 'start') return { body: { url: 'http://127.0.0.1:8080', metricsPaths: ['/metrics'] } }
  if (type === 'metrics') return { text: `# TYPE a counter\na_total ${worker.pid}\n# EOF\n` }
  if (type === 'commit') return { body: { needsRestart: [] } }
  if (type === 'stop') worker.end(0)
  return {}
}

/** Refuses. */
export function refuses(message: string): never {
  throw new RefusedError(message, 'change')
}

/** An answer that never comes. */
export const SILENCE: Promise<never> = new Promise(() => {})
