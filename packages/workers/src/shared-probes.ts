import { type Probes, type Scraped, startProbes } from '@gatewright/gateway'
import { fieldsOf, numberIn, textIn } from './frame.js'
import type { Member } from './member.js'
import type { Team } from './team.js'

/** How long a worker may take to answer a scrape; it asks all workers for it. */
const SCRAPE_MS = 9_000

/** The address that workers have asked for probes on. */
type ProbesAsked = Parameters<typeof startProbes>[0]

/** One listener for probes and metrics of all workers. */
export class SharedProbes {
  readonly #team: () => Team
  readonly #isReady: () => boolean
  #running: { readonly key: string; readonly probes: Promise<Probes | null> } | null = null

  constructor(team: () => Team, isReady: () => boolean) {
    this.#team = team
    this.#isReady = isReady
  }

  /**
   * A worker asks for probes; gives the port. The first one decides; another address than before takes the place of the
   * one that was. Rejects when that is not to be had.
   */
  async start(body: unknown): Promise<number> {
    const { probes, host, ipv6Only } = fieldsOf(body)
    const key = JSON.stringify([probes, host, ipv6Only])
    const before = this.#running
    if (before?.key !== key) {
      const beside = { host: textIn(body, 'host'), ipv6Only: ipv6Only === true }
      const started = startProbes(probes as ProbesAsked, this.#isReady, this.#scraped, beside)
      this.#running = { key, probes: started }
      try {
        await started
      } catch (error) {
        this.#running = before
        throw error
      }
      await close(before)
    }
    return (await this.#running?.probes)?.port ?? 0
  }

  close(): void {
    void close(this.#running)
  }

  get #scraped(): Scraped {
    const serving = (): readonly Member[] => this.#team().serving
    return {
      get paths() {
        return serving().find(({ metricsPaths }) => metricsPaths.length > 0)?.metricsPaths ?? []
      },
      async answer(path, { authorization, accept }) {
        const able = serving().filter(({ metricsPaths }) => metricsPaths.includes(path))
        const member = able.find(({ responds }) => responds) ?? able[0]
        try {
          if (member === undefined) throw new Error('no worker')
          const { body, text } = await member.channel.ask('scrape', SCRAPE_MS, {
            path,
            headers: { authorization, accept }
          })
          return { status: numberIn(body, 'status'), headers: headersIn(body), body: text }
        } catch {
          return { status: 503, headers: { 'content-type': 'text/plain' }, body: 'no worker has answered\n' }
        }
      }
    }
  }
}

function headersIn(body: unknown): Record<string, string> {
  const fields = Object.entries(fieldsOf(fieldsOf(body).headers))
  return Object.fromEntries(fields.filter((field): field is [string, string] => typeof field[1] === 'string'))
}

async function close(running: { readonly probes: Promise<Probes | null> } | null): Promise<void> {
  const probes = await running?.probes.catch(() => null)
  probes?.close()
}
