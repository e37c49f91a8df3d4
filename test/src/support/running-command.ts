import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

/** The program of the command. */
export const command = fileURLToPath(new URL('../../../packages/cli/bin/gatewright.js', import.meta.url))

/** The command in a process of its own, in a folder with `gateway.yaml`. */
export class Running {
  readonly cwd: string
  readonly #child: ChildProcess
  readonly #events = new EventEmitter()
  #output = ''
  #all = ''

  constructor(t: TestContext, args: readonly string[], text: string, env: NodeJS.ProcessEnv = {}) {
    this.cwd = mkdtempSync(join(tmpdir(), 'gatewright-run-'))
    this.write(text)
    this.#child = spawn(process.execPath, [command, ...args], {
      cwd: this.cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk) => {
        this.#output += chunk
        this.#all += chunk
        this.#events.emit('more')
      })
    this.#child.once('close', () => this.#events.emit('more'))
    t.after(async () => {
      this.#child.kill('SIGKILL')
      await this.ended()
      rmSync(this.cwd, { recursive: true })
    })
  }

  write(text: string): void {
    writeFileSync(join(this.cwd, 'gateway.yaml'), text)
  }

  /** Resolves once the pattern was printed, and forgets what was printed up to it. */
  async printed(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.#output)
      if (match !== null) {
        this.#output = this.#output.slice(match.index + match[0].length)
        return match[1] ?? match[0]
      }
      if (this.#child.exitCode !== null || this.#child.signalCode !== null)
        throw new Error(`ended before ${pattern}: ${this.#output}`)
      await once(this.#events, 'more')
    }
  }

  /** The last of what was printed that matches, whether it was waited for or not; the pattern is a global one. */
  last(pattern: RegExp): string | undefined {
    return [...this.#all.matchAll(pattern)].at(-1)?.[0]
  }

  async listening(): Promise<string> {
    return await this.printed(/Server listening at (http:\/\/127\.0\.0\.1:\d+)/)
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async ended(): Promise<{ readonly code: number | null; readonly output: string }> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'close')
    return { code: this.#child.exitCode, output: this.#output }
  }
}
