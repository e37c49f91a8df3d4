// A program that serves HTTP on the port it is given, or a free one, and has the faults it is told of.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What is wrong with the upstream. `drip`: the head at once, then a byte every 20 ms without end. */
export type ProcessFault =
  | 'none'
  | 'errors'
  | 'silent'
  | 'reset-before-head'
  | 'reset-mid-head'
  | 'reset-mid-body'
  | 'drip'

let fault: ProcessFault = 'none'
let served = 0

const server = createServer((request, response) => {
  served++
  request.resume()
  answer(response)
})

function answer(response: ServerResponse): void {
  const { socket } = response
  switch (fault) {
    case 'none':
      response.end('ok')
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

process.on('message', (message: ProcessFault | 'served?') => {
  if (message === 'served?') process.send?.({ served })
  else {
    fault = message
    process.send?.({ fault })
  }
})

server.listen(Number(process.env.UPSTREAM_PORT ?? 0), '127.0.0.1', () =>
  process.send?.({ port: (server.address() as AddressInfo).port })
)
