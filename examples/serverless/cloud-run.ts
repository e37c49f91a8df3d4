import { createGateway } from '@gatewright/gateway'
import { tellLimits } from '@gatewright/serverless'
import { config } from './config.js'

const { PORT = '8080' } = process.env

const gateway = createGateway({
  ...config,
  listen: { port: Number(PORT) },
  // Cloud Run ends TLS and appends the client's address to X-Forwarded-For; its own front end has a link-local address.
  trustedProxies: ['169.254.0.0/16'],
  // The instance gets no more requests when it gets SIGTERM, and ends 10 seconds later.
  shutdown: { wait: '0ms', drain: '9s' }
})
await gateway.listen()
tellLimits(gateway)
