import { buildGateway } from '../src/gateway.js'
import { Sessions } from '../src/sessions.js'
import { runDrill } from './run-drill.js'

const sessionSecret = 'only for this drill, not for production'
const [cookie = ''] = (await new Sessions(sessionSecret, { secure: false }).begin('ada')).split(';')

process.exitCode = await runDrill(async (upstreams) => {
  const gateway = buildGateway({
    web: upstreams,
    account: upstreams,
    shop: upstreams,
    sessionSecret,
    ejection: '2s',
    breakerOpen: '1s',
    quiet: true
  })
  const url = await gateway.listen({ port: 0, host: '127.0.0.1' })
  return {
    url: `${url}/api/shop/orders`,
    headers: { cookie },
    pool: 'shop',
    events: gateway.app.gateway.events,
    close: () => gateway.close()
  }
})
