import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { start } from '../bench/machine/children.mjs'
import { listening } from '../bench/machine/ports.mjs'

const script = fileURLToPath(new URL('./upstream.mjs', import.meta.url))
const PAUSE_MS = 2_000

/** Three upstream processes of which, by turns, one is killed and started again, or stopped for two seconds. */
export class Upstreams {
  #ports
  #seed
  #folder
  #children = []
  #turn = 0

  constructor({ ports, seed, folder }) {
    this.#ports = ports
    this.#seed = seed
    this.#folder = folder
  }

  get urls() {
    return this.#ports.map((port) => `http://127.0.0.1:${port}`)
  }

  async start() {
    for (const index of this.#ports.keys()) await this.#launch(index)
    await this.#tellFile(this.urls)
  }

  /** The next fault; resolves when it is over. */
  async fault() {
    const turn = this.#turn++
    const index = turn % this.#ports.length
    const child = this.#children[index]
    if (turn % 3 === 0) {
      await child.stop()
      await pause(PAUSE_MS)
      await this.#launch(index)
    } else if (turn % 3 === 1) {
      process.kill(child.pid, 'SIGSTOP')
      await pause(PAUSE_MS)
      process.kill(child.pid, 'SIGCONT')
    } else {
      await this.#tellFile(this.urls.filter((_, other) => other !== index))
      await pause(PAUSE_MS)
      await this.#tellFile(this.urls)
    }
  }

  async stop() {
    await Promise.all(this.#children.map((child) => child.stop()))
  }

  async #launch(index) {
    const env = { PORT: String(this.#ports[index]), SEED: String(this.#seed + index + 1) }
    this.#children[index] = start([process.execPath, script], { core: null, env })
    await listening(this.#ports[index], this.#children[index])
  }

  /** Replaces the file that the discovered pool reads, in one step. */
  async #tellFile(urls) {
    const path = join(this.#folder, 'endpoints.json')
    await writeFile(`${path}.new`, JSON.stringify(urls))
    await rename(`${path}.new`, path)
  }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
