// The gateway, as its documentation shows it; VARIANT names another configuration.
import { createGateway } from '@gatewright/gateway'
import { port, upstreams } from './environment.mjs'
import { variants } from './variants.mjs'

const { plugins = [], ...options } = await variants[process.env.VARIANT || 'bare'](upstreams)
const begin = performance.now()
const gateway = createGateway(options)
for (const plugin of plugins) gateway.register(plugin)
await gateway.listen({ port, host: '127.0.0.1' })
process.stdout.write(`${JSON.stringify({ listenMs: performance.now() - begin })}\n`)
