// A program that serves HTTP on the address it is given, or a free port, and has the faults it is told of.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  HELD_PATH,
  NARROW_MS,
  NARROW_PLACES,
  type ProcessFault,
  SLOW_MS,
  type ToUpstream,
  type UpstreamCounts
} from './upstream-faults.js'

let fault: ProcessFault = 'none'
let requests = 0
let connections = 0
let serving = 0
const line: ServerResponse[] = []
const held: ServerResponse[] = []

const server = createServer((request, response) => {
  requests++
  request.resume()
  if (request.url === HELD_PATH) held.push(response)
  else answer(response)
})
server.on('connection', () => connections++)

function answer(response: ServerResponse): void {
  const { socket } = response
  switch (fault) {
    case 'none':
      response.end('ok')
      break
    case 'slow':
      setTimeout(() => response.end('ok'), SLOW_MS)
      break
    case 'narrow':
      line.push(response)
      serveNext()
      break
    case 'errors':
      response.writeHead(503).end()
      break
    case 'silent':
      break
    case 'reset-before-head':
      socket?.resetAndDestroy()
      break
    case 'reset-mid-head':
      socket?.write('HTTP/1.1 200 OK\r\ncontent-le', () => socket.resetAndDestroy())
      break
    case 'reset-mid-body':
      socket?.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf', () => socket.resetAndDestroy())
      break
    case 'drip': {
      response.writeHead(200, { 'content-type': 'text/plain' })
      const timer = setInterval(() => response.write('.'), 20)
      response.on('close', () => clearInterval(timer))
    }
  }
}

function serveNext(): void {
  if (serving === NARROW_PLACES) return
  const response = line.shift()
  if (response === undefined) return
  serving++
  setTimeout(() => {
    serving--
    response.end('ok')
    serveNext()
  }, NARROW_MS)
}

process.on('message', (message: ToUpstream) => {
  if (message === 'release') for (const response of held.splice(0)) response.end('ok')
  else if (message !== 'counts?') fault = message
  process.send?.({ requests, connections, held: held.length } satisfies UpstreamCounts)
})

server.listen(Number(process.env.UPSTREAM_PORT ?? 0), process.env.UPSTREAM_HOST ?? '127.0.0.1', () =>
  process.send?.({ port: (server.address() as AddressInfo).port })
)
