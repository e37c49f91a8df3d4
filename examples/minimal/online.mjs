// The gateway and something behind it in one program that needs no build: for StackBlitz and the like.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createGateway } from '@gatewright/gateway'

const service = createServer((request, response) => {
  response.end(`${request.method} ${request.url} has come through the gateway\n`)
}).listen(0)
await once(service, 'listening')

const gateway = createGateway().route('/*', `http://localhost:${service.address().port}`)
export const url = await gateway.listen({ port: Number(process.env.PORT ?? 8080) })
