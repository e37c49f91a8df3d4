import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { loadConfig, withPositions } from '@gatewright/config'
import { didYouMean, type Gateway, type Pool } from '@gatewright/core'
import { createGateway } from '@gatewright/gateway'
import { type Command, type Input, UsageError } from '../command.js'
import { configFiles } from '../config-files.js'
import { JSON_OUTPUT } from '../shared-options.js'
import { FAULT_FORM, readFault } from '../simulation/fault.js'
import { insideOf } from '../simulation/inside.js'
import { readPlan, type SimulationPlan } from '../simulation/plan.js'
import { jsonOf, textOf } from '../simulation/report.js'

export const simulate: Command = {
  name: 'simulate',
  summary: 'Put a pool under load and faults in virtual time',
  usage: '[FILE...]',
  takes: [0, Number.POSITIVE_INFINITY],
  options: [
    { name: 'pool', value: 'ID', about: 'The pool. Default: the only one.' },
    { name: 'route', value: 'ID', about: "The route whose options hold. Default: the pool's first one." },
    { name: 'method', value: 'METHOD', about: 'The method of the requests. Default: GET.' },
    { name: 'rate', value: 'COUNT', about: 'Requests a second, arriving by chance. Default: 100.' },
    { name: 'for', value: 'DURATION', about: 'How long they arrive. Default: 60s.' },
    {
      name: 'service',
      value: 'MEDIAN[,P99]',
      many: true,
      about:
        'How long endpoints take; once for all, or once for each. Default: 10ms, and a 99th percentile of 5 times as much.'
    },
    {
      name: 'capacity',
      value: 'COUNT',
      about: 'How many requests an endpoint serves at a time. Default: all.'
    },
    {
      name: 'fault',
      value: FAULT_FORM,
      many: true,
      about:
        'What goes wrong: kill, black-hole, flap, slow=TIMES, errors=PERCENT%, or pause of the gateway. Endpoints are counted from 0; without one, all have it.'
    },
    {
      name: 'seed',
      value: 'NUMBER',
      about: 'Of all chance; the same seed gives the same result. Default: 1.'
    },
    { name: 'least-good', value: 'PERCENT', about: 'Exit with 1 when fewer of the responses are good.' },
    { name: 'svg', value: 'FILE', about: 'Draw the timeline into a file.' },
    JSON_OUTPUT
  ],
  about: [
    'The balancing, health, retries, breakers and limits of the configuration decide as they would under traffic. Endpoints are simulated, and nothing is sent: there are no probes, no other services are asked, and nobody has to authenticate. Discovery finds the endpoints that there are at the start.'
  ],
  examples: [
    'gatewright simulate --pool users --rate 200 --fault kill:0@10s-30s',
    'gatewright simulate --service 20ms,200ms --fault errors=30%:1 --least-good 99'
  ],
  exits: { 1: 'fewer responses were good than --least-good' },
  async run(input) {
    const { cwd, env, stdout } = input.terminal
    const plan = readPlan(input)
    const loaded = await loadConfig([...configFiles(input)], { cwd, env })
    // Loaded by this command alone: others need no simulation.
    const { gatewayKit, simulate: simulated, toSvg } = await import('@gatewright/testing')
    const kit = gatewayKit({ seed: plan.seed })
    const gateway = createGateway(insideOf(loaded.config), kit.seams)
    try {
      await gateway.ready().then(undefined, (error: unknown) => {
        throw withPositions(error, loaded)
      })
      const kernel = gateway.app.gateway
      const pool = poolOf(kernel, input.text('pool'))
      const route = routeOf(kernel, pool, input.text('route'))
      const result = simulated({
        gateway: kernel,
        time: kit.time,
        pool: pool.id,
        load: {
          perSecond: plan.perSecond,
          method: plan.method,
          ...(route === undefined ? {} : { route })
        },
        durationMs: plan.durationMs,
        service: servicesOf(plan, pool),
        faults: input.texts('fault').map((text) => readFault(text, pool.endpoints.length)),
        seed: plan.seed
      })
      await draw(input, toSvg(result))
      stdout.write(
        input.flag('json') ? `${JSON.stringify(jsonOf(result, pool), null, 2)}\n` : textOf(result, pool, plan)
      )
      return plan.leastGood !== undefined && result.goodput < plan.leastGood ? 1 : 0
    } finally {
      await gateway.close()
    }
  }
}

function poolOf({ snapshot }: Gateway, id: string | undefined): Pool {
  const ids = [...snapshot.pools.keys()]
  const [only] = ids
  if (only === undefined) throw new UsageError('the configuration has no pool')
  if (id === undefined && ids.length > 1) throw new UsageError(`--pool is missing: one of ${ids.join(', ')}`)
  const pool = snapshot.pools.get(id ?? only)
  if (pool === undefined) throw new UsageError(`--pool: there is no pool '${id}'${didYouMean(id ?? '', ids)}`)
  if (pool.endpoints.length === 0) throw new UsageError(`pool '${pool.id}' has no endpoints`)
  return pool
}

function routeOf({ snapshot }: Gateway, pool: Pool, id: string | undefined): string | undefined {
  if (id === undefined) return undefined
  const ids = snapshot.routes.filter((route) => route.pool === pool).map((route) => route.id)
  if (ids.includes(id)) return id
  throw new UsageError(`--route: pool '${pool.id}' has no route '${id}'${didYouMean(id, ids)}`)
}

function servicesOf({ service }: SimulationPlan, { endpoints }: Pool): SimulationPlan['service'] {
  if (service.length > 1 && service.length !== endpoints.length)
    throw new UsageError(`--service: once, or once for each of ${endpoints.length} endpoints`)
  return service.length > 1 ? service : endpoints.map(() => service[0] ?? {})
}

async function draw(input: Input, svg: string): Promise<void> {
  const file = input.text('svg')
  if (file !== undefined) await writeFile(resolve(input.terminal.cwd, file), svg)
}
