import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { freePort } from './free-port.js'

/** A running Redis; made by {@link startRedis}. */
export interface RedisServer {
  /** `redis://127.0.0.1:41234`. */
  readonly url: string
  /** Ends it at once, as `kill -9` does. */
  kill(): Promise<void>
  /** Starts it again on the same port, with nothing in it. */
  restart(): Promise<void>
  /** Stops it, so that it takes connections and answers nothing, or lets it go on. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
}

/** A real Redis on a free loopback port, in memory only, ended with the test. `command` is its path. */
export async function startRedis(t: TestContext, command: string): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'gatewright-redis-'))
  const port = await freePort()
  let child: ChildProcess
  const start = async (): Promise<void> => {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder]
    const started = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] })
    child = started
    let log = ''
    for await (const line of createInterface(started.stdout)) {
      log += `${line}\n`
      if (!line.includes('Ready to accept connections')) continue
      started.stdout.resume()
      return
    }
    throw new Error(`Redis did not start:\n${log}`)
  }
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  await start()
  t.after(async () => {
    await kill()
    await rm(folder, { recursive: true })
  })
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    restart: start,
    signal: (name) => void child.kill(name)
  }
}
