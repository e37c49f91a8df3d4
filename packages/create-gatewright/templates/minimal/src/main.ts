import { buildGateway } from './gateway.js'
import { readSettings } from './settings.js'

try {
  const settings = readSettings(process.env)
  const upstreams = settings.upstreams.length > 0 ? settings.upstreams : await demo()
  const gateway = buildGateway({ ...settings, upstreams })
  const { port } = new URL(await gateway.listen({ port: settings.port }))
  if (!settings.production) console.error(`The gateway answers on http://localhost:${port}; Ctrl-C stops it`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

// So that `npm start` answers before there is a service. Delete it with the folder `demo`.
async function demo(): Promise<string[]> {
  const { startTwo } = await import('../demo/upstream.js')
  console.error('UPSTREAMS is not set: two demonstration services answer')
  return startTwo()
}
