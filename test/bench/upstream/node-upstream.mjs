// The benchmark's resources from Node: where answers must be slow or endless, and where nginx is missing.
// PORTS: where to listen. DELAY_MS: wait before each answer.
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { pieces } from './pieces.mjs'
import { BYTES_PATH, FILE_BYTES, FILE_PATH, JSON_BODY, UPLOAD_PATH } from './resources.mjs'

const delayMs = Number(process.env.DELAY_MS ?? 0)
const file = Buffer.alloc(FILE_BYTES, 'x')

function answer(request, response) {
  const { url } = request
  if (url === UPLOAD_PATH) request.on('end', () => response.writeHead(204).end()).resume()
  else if (url === FILE_PATH) send(response, 'application/octet-stream', file)
  else if (url.startsWith(BYTES_PATH)) stream(response, Number(url.slice(BYTES_PATH.length)))
  else send(response, 'application/json', JSON_BODY)
}

function send(response, type, body) {
  response.writeHead(200, { 'content-type': type, 'content-length': body.length }).end(body)
}

function stream(response, bytes) {
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes })
  Readable.from(pieces(bytes)).pipe(response)
}

const handler = delayMs === 0 ? answer : (request, response) => setTimeout(answer, delayMs, request, response)

for (const port of process.env.PORTS.split(','))
  createServer({ keepAliveTimeout: 300_000 }, handler).listen(Number(port), '127.0.0.1')
