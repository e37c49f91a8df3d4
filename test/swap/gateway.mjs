// The gateway whose configuration is changed under traffic: EVERY_MS, UPSTREAMS, DEAD, LOG. Asked and told by messages.
import { createGateway } from '@gatewright/gateway'
import { configuration } from './configuration.mjs'

const { EVERY_MS, UPSTREAMS, DEAD, LOG } = process.env
const [upstreams, dead, log] = [UPSTREAMS.split(','), DEAD, LOG]
const counts = { applied: 0, refused: 0, dryRuns: 0, thrown: 0, unexpected: [] }
let version = 0
let throwing = false

const gateway = createGateway(configuration(0, { upstreams, dead, log }))
gateway.register(async ({ gateway: { changes } }) => {
  changes.push({
    name: 'throws',
    prepare() {
      if (throwing) throw new Error('this part never gets ready')
      return undefined
    }
  })
})
const url = await gateway.listen({ port: 0, host: '127.0.0.1' })
const kernel = gateway.app.gateway

for (const event of ['uncaughtException', 'unhandledRejection'])
  process.on(event, (error) => counts.unexpected.push(`${event}: ${error?.stack ?? error}`))

/** One change; every few of them wrong, a dry run, or refused by a part: the version that runs must then stay. */
async function change(number) {
  const next = configuration(number, { upstreams, dead, log })
  const before = kernel.snapshot
  if (number % 4 === 3) next.pools.main.endpoints = ['http://not a url']
  throwing = number % 9 === 4
  try {
    await gateway.apply(next, { dryRun: number % 6 === 5 })
    if (number % 6 === 5) counts.dryRuns++
    else {
      counts.applied++
      version = number
    }
  } catch (error) {
    if (number % 4 === 3) counts.refused++
    else if (throwing && /never gets ready/.test(error.message)) counts.thrown++
    else counts.unexpected.push(String(error.stack))
  }
  throwing = false
  if (version !== number && kernel.snapshot !== before)
    counts.unexpected.push(`change ${number} was half made`)
}

let changing = null
let number = 0
let last = Promise.resolve()
const ask = {
  begin() {
    changing ??= setInterval(() => {
      const next = ++number
      last = last.then(() => change(next))
    }, Number(EVERY_MS))
  },
  stop() {
    clearInterval(changing)
    return last
  },
  drain() {
    kernel.pool('drained').endpoints[0].draining = true
  },
  async state() {
    for (let round = 0; round < 3; round++) globalThis.gc()
    const { heapUsed } = process.memoryUsage()
    const resources = process.getActiveResourcesInfo()
    return {
      ...counts,
      version,
      heapMiB: heapUsed / 1024 ** 2,
      timers: resources.filter((kind) => kind === 'Timeout').length,
      handles: resources.length,
      inFlight: kernel.inFlight,
      retiring: kernel.retiring,
      breaker: gateway.app.circuitBreakers.state('broken'),
      draining: kernel.pool('drained').endpoints.map(({ draining }) => draining),
      limits: gateway.app.overload.state().limits,
      series: (await gateway.app.metrics.show()).body.split('\n').length
    }
  },
  async close() {
    await gateway.close()
    setTimeout(() => process.exit(0), 100)
  }
}
process.on('message', async ({ id, what }) => process.send({ id, answer: await ask[what]?.() }))
process.send({ url })
