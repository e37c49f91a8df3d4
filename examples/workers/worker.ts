import { createGateway } from '@gatewright/gateway'
import { serveWorker } from '@gatewright/workers'

serveWorker({
  read: async (version) => ({ config: JSON.parse(version) }),
  // What is code: hooks and plugins are each worker's own.
  create: (config, seams) =>
    createGateway(config, seams).hook('onSend', async (_request, reply, payload) => {
      reply.header('x-worker', String(process.pid))
      return payload
    })
})
