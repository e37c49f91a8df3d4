import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import type { TestContext } from 'node:test'

/** What a user's shell knows, and the test runner does not add to. */
function userEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...env } = process.env
  return { ...env, npm_config_update_notifier: 'false' }
}

/** Runs a command of an installed package to its end, as a user does. */
export function npx(cwd: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('npx', ['--no-install', ...args], {
    cwd,
    env: userEnvironment(),
    encoding: 'utf8'
  })
  return { code: status, out: stdout, err: stderr }
}

/** A command of an installed package that runs until the test ends. */
export class NpxRunning {
  readonly #child: ChildProcess
  readonly #events = new EventEmitter()
  #output = ''

  constructor(t: TestContext, cwd: string, args: readonly string[]) {
    // A group of its own: npx is not the only process.
    this.#child = spawn('npx', ['--no-install', ...args], {
      cwd,
      env: userEnvironment(),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe']
    })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk) => {
        this.#output += chunk
        this.#events.emit('more')
      })
    this.#child.once('close', () => this.#events.emit('more'))
    t.after(() => this.signal('SIGKILL'))
  }

  /** Resolves with what the pattern finds, and forgets what was printed up to it. */
  async printed(pattern: RegExp): Promise<string> {
    for (;;) {
      const match = pattern.exec(this.#output)
      if (match !== null) {
        this.#output = this.#output.slice(match.index + match[0].length)
        return match[1] ?? match[0]
      }
      if (this.#child.exitCode !== null) throw new Error(`ended before ${pattern}: ${this.#output}`)
      await once(this.#events, 'more')
    }
  }

  signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child
    try {
      if (pid !== undefined) process.kill(-pid, signal)
    } catch {
      // It has ended.
    }
  }
}
