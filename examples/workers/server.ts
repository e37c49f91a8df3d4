import { fileURLToPath } from 'node:url'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { startWorkers } from '@gatewright/workers'

const { PORT = '8080', PROBE_PORT = '8085', UPSTREAM = 'http://localhost:3000', WORKERS = '2' } = process.env

const configWith = (greeting: string): string =>
  JSON.stringify({
    listen: { port: Number(PORT), host: '127.0.0.1' },
    probes: { port: Number(PROBE_PORT) },
    metrics: true,
    accessLog: false,
    shutdown: { wait: '1s' },
    pools: { app: { endpoints: [UPSTREAM] } },
    routes: [
      { id: 'hello', path: '/hello', respond: { body: greeting } },
      { id: 'app', path: '/*', pool: 'app', rateLimit: { requestsPerSecond: 1_000, burst: 1_000 } }
    ]
  } satisfies GatewayServerConfig)

// This process serves nothing: it starts the others, and keeps them.
const workers = await startWorkers({
  program: fileURLToPath(new URL('worker.js', import.meta.url)),
  count: Number(WORKERS),
  version: configWith('hello')
})

let changes = 0
process.on('SIGHUP', async () => {
  const changed = await workers.change(configWith(`hello ${++changes}`))
  process.stdout.write(changed.applied ? `all run revision ${changed.revision}\n` : `${changed.problems}\n`)
})
process.on('SIGUSR2', async () => {
  await workers.restart().catch((error: Error) => process.stderr.write(`${error.message}\n`))
  process.stdout.write('all were started anew\n')
})
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void workers.stop())

process.stdout.write(`
curl -i ${workers.url}/hello                                  # x-worker is another one from time to time
curl -s http://127.0.0.1:${workers.probePort}/metrics | grep worker_up      # all workers in one scrape
kill -9 ${workers.pids[0]}                                               # a worker crashes, and is replaced
kill -HUP ${process.pid}                                              # all workers change, or none
kill -USR2 ${process.pid}                                             # each is started anew, and no request is lost
`)
process.exitCode = await workers.closed
