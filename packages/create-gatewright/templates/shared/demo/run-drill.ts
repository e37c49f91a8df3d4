import { Load } from './load.js'
import { Timeline } from './timeline.js'
import { DemoUpstream } from './upstream.js'

/** The gateway that is drilled. */
export interface Drilled {
  /** What is requested, 40 times a second. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** The pool that is watched, where there are several. */
  readonly pool?: string
  readonly events: Events
  close(): Promise<unknown>
}

interface Change {
  readonly pool: { readonly id: string }
  readonly from: string
  readonly to: string
  readonly because: string
}

interface Events {
  on(name: 'breaker', listener: (event: Change) => void): unknown
  on(
    name: 'endpoint_health',
    listener: (event: Change & { readonly endpoint: { readonly url: string } }) => void
  ): unknown
  on(name: 'retry', listener: (event: { readonly outcome: string }) => void): unknown
}

/**
 * Breaks two upstreams behind a gateway and looks whether it does as promised. Prints what happens when, and resolves
 * with the exit code: 1 when something did not happen.
 */
export async function runDrill(begin: (upstreams: readonly string[]) => Promise<Drilled>): Promise<number> {
  const timeline = new Timeline()
  const [a, b] = await Promise.all([new DemoUpstream('a').start(), new DemoUpstream('b').start()])
  const gateway = await begin([a.url, b.url])
  const nameOf = (url: string): string => (url.startsWith(a.url) ? 'a' : 'b')
  const watched = ({ id }: { readonly id: string }): boolean => id === (gateway.pool ?? id)
  const load = new Load(gateway.url, gateway.headers)
  const seen = { retries: 0, out: new Set<string>(), breaker: 'closed' }

  gateway.events.on('retry', ({ outcome }) => {
    if (outcome === 'success') seen.retries += 1
  })
  gateway.events.on('endpoint_health', ({ pool, endpoint, from, to, because }) => {
    if (!watched(pool)) return
    if (to === 'ejected' || to === 'unhealthy') seen.out.add(nameOf(endpoint.url))
    timeline.tell(`endpoint ${nameOf(endpoint.url)}: ${from} → ${to} (${because})`)
  })
  gateway.events.on('breaker', ({ pool, from, to, because }) => {
    if (!watched(pool)) return
    seen.breaker = to
    timeline.tell(`circuit breaker: ${from} → ${to} (${because})`)
  })

  /** Some requests go by, and all are answered well. */
  const allAnswered = async (requests: number): Promise<void> => {
    await timeline.wait(() => load.ok + load.failed >= requests)
    timeline.check(`${load.ok} requests answered, ${load.failed} failed`, load.ok > 0 && load.failed === 0)
    load.reset()
  }

  timeline.act('Both upstreams are well')
  await allAnswered(60)

  timeline.act('Upstream b is killed')
  b.kill()
  await timeline.until('b is left out', () => seen.out.has('b'))
  timeline.check('its failures were retried at a', seen.retries > 0)
  await allAnswered(20)

  timeline.act('Upstream a is killed too')
  a.kill()
  await timeline.until('the circuit breaker opens', () => seen.breaker === 'open')
  await timeline.until('clients are told at once', () => load.reasons.has('circuit_open'))

  timeline.act('Both are started again')
  await Promise.all([a.start(), b.start()])
  await timeline.until('the circuit breaker closes', () => seen.breaker === 'closed')
  const before = b.answered
  await timeline.until('b is used again', () => b.answered > before)
  load.reset()
  await allAnswered(20)

  await load.stop()
  await gateway.close()
  for (const upstream of [a, b]) upstream.kill()
  return timeline.end()
}
