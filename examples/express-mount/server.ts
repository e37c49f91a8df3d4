import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import gateway from '@gatewright/gateway'
import express from 'express'
import Fastify, { type RawServerDefault } from 'fastify'

const users = process.env.UPSTREAM ?? 'http://localhost:3000'

// The app that is there. Its handlers stay as they are.
const app = express()
app.get('/hello', (_request, response) => {
  response.json({ from: 'express' })
})

// The gateway is a Fastify app that gets the listener of the same server.
const server = createServer()
const proxy = Fastify({ logger: true, serverFactory: () => server as RawServerDefault })
await proxy.register(gateway, {
  pools: { users: { endpoints: [users] } },
  routes: [
    {
      id: 'users',
      path: '/api/users/*',
      pool: 'users',
      rewrite: { stripPrefix: '/api' },
      retry: 'idempotent'
    }
  ]
})
await proxy.ready()

// Before any middleware that reads bodies: what it has read cannot be forwarded.
server.on('request', (request, response) => {
  if (request.url?.startsWith('/api/')) proxy.routing(request, response)
  else app(request, response)
})

server.listen(Number(process.env.PORT ?? 8080), () => {
  console.log(`Server listening at http://localhost:${(server.address() as AddressInfo).port}`)
})
process.once('SIGTERM', () => {
  server.close(() => void proxy.close())
})
