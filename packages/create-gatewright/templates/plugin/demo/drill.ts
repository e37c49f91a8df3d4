import { buildApp } from '../src/app.js'
import { runDrill } from './run-drill.js'

process.exitCode = await runDrill(async (upstreams) => {
  const app = await buildApp({ users: upstreams, ejection: '2s', breakerOpen: '1s' })
  const url = await app.listen({ port: 0 })
  return { url: `${url}/users/7`, events: app.gateway.events, close: () => app.close() }
})
