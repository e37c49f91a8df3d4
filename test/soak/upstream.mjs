// An upstream that sometimes fails, is slow, resets or cuts its answer. PORT, SEED: where, and its chance.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { chance, pick } from './chance.mjs'

const random = chance(Number(process.env.SEED))
const MIB = Buffer.alloc(1024 ** 2, 'x')

/** What becomes of a request to `/api/*`, in shares of 1,000. */
const fates = [
  [970, answer],
  [10, (_, response) => response.writeHead(503).end('busy')],
  [5, (request) => request.socket.destroy()],
  [3, cut],
  [3, (request, response) => setTimeout(answer, 1_500, request, response)],
  [9, (request, response) => setTimeout(answer, 50, request, response)]
]

const server = createServer({ keepAliveTimeout: 10_000 }, (request, response) => {
  request.on('error', () => {})
  const { url } = request
  if (url === '/health') response.end('ok')
  else if (url === '/bytes')
    response.writeHead(200, { 'content-length': 4 * MIB.length }) && send(response, 4)
  else if (url === '/events') events(response)
  else if (url.startsWith('/slow')) setTimeout(answer, 200, request, response)
  else if (request.method === 'POST') receive(request, response)
  else pick(random, fates)(request, response)
})
server.listen(Number(process.env.PORT), '127.0.0.1')

function answer(request, response) {
  const body = JSON.stringify({ url: request.url, fill: 'y'.repeat(request.url.length % 900) })
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

function cut(_, response) {
  response.writeHead(200, { 'content-length': 1_000 }).write('half')
  setTimeout(() => response.destroy(), 5)
}

function send(response, pieces) {
  if (pieces === 0) response.end()
  else if (!response.destroyed) response.write(MIB, () => send(response, pieces - 1))
}

function events(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const timer = setInterval(() => response.write(`data: ${Date.now()}\n\n`), 250)
  response.on('close', () => clearInterval(timer))
}

function receive(request, response) {
  const hash = createHash('sha256')
  request.on('data', (chunk) => hash.update(chunk))
  request.on('end', () => response.end(hash.digest('hex')))
}
