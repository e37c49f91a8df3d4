import { buildGateway } from '../src/gateway.js'
import { runDrill } from './run-drill.js'

process.exitCode = await runDrill(async (upstreams) => {
  const gateway = buildGateway({ upstreams, quiet: true, ejection: '2s', breakerOpen: '1s' })
  const url = await gateway.listen({ port: 0, host: '127.0.0.1' })
  return { url: `${url}/`, events: gateway.app.gateway.events, close: () => gateway.close() }
})
