import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { HostileFilterMode, HostileFilterTold } from './hostile-filter.js'

const PROGRAM = fileURLToPath(new URL('hostile-filter.js', import.meta.url))

/** A filter service in a process of its own; made by {@link startFilterProcess}. */
export class FilterProcess {
  #child: ChildProcess | null = null
  #port = 0
  #told: (told: HostileFilterTold) => void = () => {}
  /** Calls that have come to it, or to those that were there before it. */
  calls = 0

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Starts it, at the port that it had. */
  async start(): Promise<void> {
    const child = fork(PROGRAM, { env: { ...process.env, PORT: String(this.#port) } })
    this.#child = child
    child.on('message', (told: HostileFilterTold) => {
      if ('call' in told) this.calls++
      this.#told(told)
    })
    await this.#next((told) => {
      if (!('port' in told)) return false
      this.#port = told.port
      return true
    })
  }

  /** What it does from now on. */
  async does(mode: HostileFilterMode): Promise<void> {
    const known = this.#next((told) => 'mode' in told)
    this.#child?.send(mode)
    await known
  }

  /** Resolves when another call has come. */
  async call(): Promise<void> {
    await this.#next((told) => 'call' in told)
  }

  /** SIGKILL ends it, SIGSTOP holds it, SIGCONT lets it go on. */
  async signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const child = this.#child
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    if (signal === 'SIGKILL') await ended
  }

  /** Resolves when it has ended. */
  async ended(): Promise<void> {
    const child = this.#child
    if (child !== null && child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }

  #next(is: (told: HostileFilterTold) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#told = (told) => {
        if (!is(told)) return
        this.#told = () => {}
        resolve()
      }
    })
  }
}

/** A filter service in a process of its own, which allows everything until it is told otherwise. */
export async function startFilterProcess(t: TestContext): Promise<FilterProcess> {
  const made = new FilterProcess()
  await made.start()
  t.after(() => made.signal('SIGKILL'))
  return made
}
