import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { ProcessFault, ToUpstream, UpstreamCounts } from './upstream-faults.js'

const PROGRAM = fileURLToPath(new URL('./upstream-program.js', import.meta.url))

/** An upstream that is a process of its own, so that it can be killed and stopped. */
export class UpstreamProcess {
  readonly host: string
  readonly port: number
  #child: ChildProcess

  private constructor(child: ChildProcess, host: string, port: number) {
    this.#child = child
    this.host = host
    this.port = port
  }

  /** On a free port, or another loopback address on a port that is known to be free there. */
  static async start(t: TestContext, { host = '127.0.0.1', port = 0 } = {}): Promise<UpstreamProcess> {
    const started = await run(host, port)
    const upstream = new UpstreamProcess(started.child, host, started.port)
    t.after(() => upstream.#child.kill('SIGKILL'))
    return upstream
  }

  get url(): string {
    return `http://${this.host}:${this.port}`
  }

  /** `kill -9`; resolves when the process is gone. */
  async kill(): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }

  /** A new process on the same port. */
  async restart(): Promise<void> {
    this.#child = (await run(this.host, this.port)).child
  }

  /** SIGSTOP: connections are accepted by the kernel and nothing answers. */
  stop(): void {
    this.#child.kill('SIGSTOP')
  }

  continue(): void {
    this.#child.kill('SIGCONT')
  }

  async has(fault: ProcessFault): Promise<void> {
    await this.#tell(fault)
  }

  /** Answers what is held; see `HELD_PATH`. */
  async release(): Promise<void> {
    await this.#tell('release')
  }

  /** How many requests this process has had. */
  async served(): Promise<number> {
    return (await this.counts()).requests
  }

  counts(): Promise<UpstreamCounts> {
    return this.#tell('counts?')
  }

  async #tell(message: ToUpstream): Promise<UpstreamCounts> {
    const answered = once(this.#child, 'message')
    this.#child.send(message)
    return (await answered)[0] as UpstreamCounts
  }
}

async function run(host: string, port: number): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(PROGRAM, {
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, UPSTREAM_HOST: host, UPSTREAM_PORT: String(port) }
  })
  const [told] = (await once(child, 'message')) as [{ port: number }]
  return { child, port: told.port }
}
