import { tables } from '../candidates/variants.mjs'
import { startGateway } from '../candidates.mjs'
import { compare } from '../measure/compare.mjs'
import { say } from '../progress.mjs'
import { startUpstream, withUpstreams } from '../upstream/upstreams.mjs'
import { overRoutes } from './loads.mjs'

/** The gateway with few routes beside the gateway with many. */
export const routes = {
  name: 'routes',
  title: 'Size of the route table, requests spread over all routes, 64 connections',
  run: (options) =>
    withUpstreams([startUpstream], async (urls) => {
      const processes = {}
      const contestants = Object.entries(tables).map(([name, table]) => ({
        name,
        load: overRoutes(64, table),
        async start() {
          processes[name] = await startGateway(urls, name)
          return processes[name]
        }
      }))
      const measured = await compare(contestants, options)
      for (const [name, contestant] of Object.entries(measured.contestants)) {
        contestant.listenMs = listenMs(processes[name])
        say(`${name}: listening after ${contestant.listenMs} ms`)
      }
      return { kind: 'rounds', ratioTo: '10 routes', ...measured }
    })
}

// The gateway's process prints how long it took from `createGateway` to listening: compilation is most of it.
function listenMs(process) {
  return Math.round(JSON.parse(process.output()).listenMs)
}
