import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { ProcessFault } from './upstream-program.js'

const PROGRAM = fileURLToPath(new URL('./upstream-program.js', import.meta.url))

/** An upstream that is a process of its own, so that it can be killed and stopped. */
export class UpstreamProcess {
  readonly port: number
  #child: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
  }

  static async start(t: TestContext): Promise<UpstreamProcess> {
    const { child, port } = await run(0)
    const upstream = new UpstreamProcess(child, port)
    t.after(() => upstream.#child.kill('SIGKILL'))
    return upstream
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** `kill -9`; resolves when the process is gone. */
  async kill(): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }

  /** A new process on the same port. */
  async restart(): Promise<void> {
    this.#child = (await run(this.port)).child
  }

  /** SIGSTOP: connections are accepted by the kernel and nothing answers. */
  stop(): void {
    this.#child.kill('SIGSTOP')
  }

  continue(): void {
    this.#child.kill('SIGCONT')
  }

  async has(fault: ProcessFault): Promise<void> {
    await this.#ask(fault)
  }

  /** How many requests this process has had. */
  async served(): Promise<number> {
    return ((await this.#ask('served?')) as { served: number }).served
  }

  async #ask(message: ProcessFault | 'served?'): Promise<unknown> {
    const answered = once(this.#child, 'message')
    this.#child.send(message)
    return (await answered)[0]
  }
}

async function run(port: number): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(PROGRAM, {
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, UPSTREAM_PORT: String(port) }
  })
  const [told] = (await once(child, 'message')) as [{ port: number }]
  return { child, port: told.port }
}
