import { createGateway } from '@gatewright/gateway'

const gateway = createGateway().route('/*', new URL(process.env.UPSTREAM ?? 'http://localhost:3000'))
await gateway.listen({ port: Number(process.env.PORT ?? 8080) })
