import { buildApp } from './app.js'
import { readSettings } from './settings.js'

try {
  const settings = readSettings(process.env)
  const users = settings.users.length > 0 ? settings.users : await demo()
  const app = await buildApp({ users }, { logger: { level: settings.production ? 'info' : 'warn' } })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => app.close())
  // Fastify listens on localhost alone unless it is told otherwise, which in a container nobody reaches.
  const { port } = new URL(await app.listen({ port: settings.port, host: '0.0.0.0' }))
  if (!settings.production) console.error(`The gateway answers on http://localhost:${port}; Ctrl-C stops it`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

// So that `npm start` answers before there is a service. Delete it with the folder `demo`.
async function demo(): Promise<string[]> {
  const { startTwo } = await import('../demo/upstream.js')
  console.error('USERS is not set: two demonstration services answer')
  return startTwo()
}
