import { setTimeout as wait } from 'node:timers/promises'
import type { Exchange, GatewayBuilder } from '@gatewright/gateway'
import { named } from './gateway.js'
import type { DemoUpstream } from './upstreams.js'

/** What the tour needs. */
export interface TourOptions {
  readonly gateway: GatewayBuilder<'demo'>
  readonly url: string
  readonly own: readonly DemoUpstream[]
  /** Between two scenes, so that somebody can read, in milliseconds. */
  readonly pauseMs: number
  readonly colour: boolean
}

/** Most requests of a scene that goes on until something happens. */
const PATIENCE = 60

/** Breaks the demo's upstreams and mends them, under requests of its own, and says what is to be seen. */
export class Tour {
  readonly #options: TourOptions
  readonly #waiting = new Map<string, (exchange: Exchange) => void>()
  #number = 0
  #running = false

  /** Once the gateway listens. */
  constructor(options: TourOptions) {
    this.#options = options
    const { gateway } = options.gateway.app
    const { events } = gateway
    gateway.observe({ closed: (exchange) => this.#waiting.get(exchange.path)?.(exchange) })
    events.on('endpoint_health', ({ endpoint, from, to, because }) =>
      this.#say(`${named(endpoint.url, options.own)}: ${from} → ${to} (${because})`)
    )
    events.on('breaker', ({ from, to, because }) =>
      this.#say(`circuit breaker: ${from} → ${to} (${because})`)
    )
  }

  /** Begins, or returns false when it is under way. */
  start(): boolean {
    if (this.#running) return false
    this.#running = true
    this.#run()
      .catch((error: unknown) => {
        // Ctrl-C may come in the middle.
        if (this.#options.gateway.state === 'running') process.stderr.write(`gatewright: ${error}\n`)
      })
      .finally(() => {
        this.#running = false
      })
    return true
  }

  async #run(): Promise<void> {
    const { own, pauseMs } = this.#options
    const [hare, fox, tortoise] = own as [DemoUpstream, DemoUpstream, DemoUpstream]
    const breaker = (): string | null => this.#options.gateway.app.circuitBreakers.state('demo')
    const endpoint = this.#options.gateway.app.gateway.pool('demo').endpoint(fox.url)

    this.#scene('Balancing: weights 3, 2 and 1')
    for (let n = 0; n < 6; n++) await this.#ask()
    await wait(pauseMs)

    this.#scene('The fox is killed. Clients notice nothing: what it refuses is retried, until it is ejected')
    fox.kill()
    const retried = await this.#askUntil(() => endpoint.health === 'ejected')
    for (let n = 0; n < 2; n++) await this.#ask()
    await wait(pauseMs)

    this.#scene(`What happened to one of them? gateway.why('${retried.id}')`)
    this.#why(retried)
    await wait(pauseMs)

    this.#scene('The others fail too. The circuit breaker opens, and leaves them alone')
    hare.failing = tortoise.failing = true
    await this.#askUntil(() => breaker() === 'open')
    const refused = await this.#ask()
    this.#scene(`gateway.why('${refused.id}')`)
    this.#why(refused)
    await wait(pauseMs)

    this.#scene('All of them work again. The breaker tries a few, and closes; the fox comes back')
    hare.failing = tortoise.failing = false
    await fox.start()
    await this.#askUntil(() => breaker() === 'closed' && endpoint.health !== 'ejected', 400)
    for (let n = 0; n < 6; n++) await this.#ask()

    this.#scene('That is all of it: examples/demo/src/gateway.ts is the configuration')
  }

  // Sends a request through the gateway, and waits until it is over and has been logged.
  async #ask(): Promise<Exchange> {
    const path = `/orders/${++this.#number}`
    const over = new Promise<Exchange>((resolve) => this.#waiting.set(path, resolve))
    await (await fetch(this.#options.url + path)).arrayBuffer()
    const exchange = await over
    this.#waiting.delete(path)
    return exchange
  }

  // Resolves with the last request that was retried, or the last one.
  async #askUntil(done: () => boolean, everyMs = 0): Promise<Exchange> {
    let found = await this.#ask()
    for (let n = 1; n < PATIENCE && !done(); n++) {
      await wait(everyMs)
      const exchange = await this.#ask()
      if (exchange.attempts.length > 1 || found.attempts.length < 2) found = exchange
    }
    return found
  }

  #why({ id }: Exchange): void {
    const story = named(this.#options.gateway.why(id), this.#options.own)
    process.stdout.write(`${story.trimEnd().replaceAll(/^/gm, '    ')}\n`)
  }

  #scene(title: string): void {
    process.stdout.write(`\n  ${this.#paint(1, title)}\n`)
  }

  #say(what: string): void {
    process.stdout.write(`  ${this.#paint(35, `▲ ${what}`)}\n`)
  }

  #paint(code: number, text: string): string {
    return this.#options.colour ? `\u001b[${code}m${text}\u001b[0m` : text
  }
}
