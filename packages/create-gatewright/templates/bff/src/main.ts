import { buildGateway } from './gateway.js'
import { readSettings, type Settings } from './settings.js'

try {
  const settings = readSettings(process.env)
  const gateway = buildGateway({ ...settings, ...(await demo(settings)) })
  const { port } = new URL(await gateway.listen({ port: settings.port }))
  if (!settings.production) console.error(`The gateway answers on http://localhost:${port}; Ctrl-C stops it`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

// So that `npm start` answers before there are services. Delete it with the folder `demo`.
async function demo({ production, web, account, shop }: Settings) {
  if (production) return {}
  const { startServices } = await import('../demo/services.js')
  const services = await startServices()
  for (const [name, urls] of Object.entries({ WEB: web, ACCOUNT: account, SHOP: shop }))
    if (urls.length === 0) console.error(`${name} is not set: a demonstration service answers`)
  return {
    web: web.length > 0 ? web : services.web,
    account: account.length > 0 ? account : services.account,
    shop: shop.length > 0 ? shop : services.shop
  }
}
