import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/** What came of the requests. */
export interface Tally {
  /** Those that got a whole response of status 200. */
  answered: number
  /** Why others did not. */
  readonly lost: string[]
  /** The bodies. */
  readonly bodies: Set<string>
}

/**
 * Clients that send one request after another, each on a connection that it keeps for as long as the server does. None repeats
 * a request: one that is lost is counted.
 */
export class KeptClients {
  readonly tally: Tally = { answered: 0, lost: [], bodies: new Set() }
  readonly #running: Promise<unknown>
  #over = false

  constructor(url: string, count: number) {
    this.#running = Promise.all(Array.from({ length: count }, (_, index) => this.#client(url, index)))
  }

  /** Lets them end their requests. */
  async stop(): Promise<Tally> {
    this.#over = true
    await this.#running
    return this.tally
  }

  async #client(url: string, index: number): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    while (!this.#over) {
      try {
        this.tally.bodies.add(await ask(url, agent, index % 2 === 0 ? 'GET' : 'POST'))
        this.tally.answered++
      } catch (error) {
        this.tally.lost.push(String((error as Error).message))
      }
      await delay(2)
    }
    agent.destroy()
  }
}

async function ask(url: string, agent: Agent, method: string): Promise<string> {
  const asked = request(url, { agent, method }).end(method === 'POST' ? 'x'.repeat(1_000) : undefined)
  const [response] = await once(asked, 'response')
  let body = ''
  for await (const chunk of response) body += chunk
  if (response.statusCode !== 200) throw new Error(`${response.statusCode}: ${body}`)
  return body
}
