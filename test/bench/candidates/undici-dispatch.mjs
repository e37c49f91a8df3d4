// A hand-written reverse proxy on node:http and undici's dispatch, as lean as one that is still correct can be:
// hop-by-hop headers stripped both ways, X-Forwarded-For, streaming with back-pressure, aborts both ways.
// This is about what Node can do; it routes nothing, checks nothing and limits nothing.
import { createServer } from 'node:http'
import { port, upstreams } from './environment.mjs'
import { peer } from './peer.mjs'

const { Pool } = (await import(peer('undici'))).default

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade'
])

const pools = upstreams.map((url) => ({ host: new URL(url).host, pool: new Pool(url) }))
let turn = 0

const server = createServer((request, response) => {
  const { host, pool } = pools[turn]
  turn = (turn + 1) % pools.length
  const { method, url: path } = request
  const body = hasBody(request) ? request : null
  pool.dispatch(
    { method, path, body, headers: requestHeaders(request, host) },
    new Exchange(method, response)
  )
})
await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))

function hasBody({ headers }) {
  const length = headers['content-length']
  return (length !== undefined && length !== '0') || headers['transfer-encoding'] !== undefined
}

function requestHeaders({ rawHeaders, headers, socket }, host) {
  const named = nominated(headers.connection)
  const kept = ['host', host]
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i].toLowerCase()
    if (name === 'host' || name === 'expect' || name === 'x-forwarded-for') continue
    if (HOP_BY_HOP.has(name) || named?.has(name)) continue
    kept.push(name, rawHeaders[i + 1])
  }
  const before = headers['x-forwarded-for']
  const address = socket.remoteAddress
  kept.push('x-forwarded-for', before === undefined ? address : `${before}, ${address}`)
  return kept
}

/** Names listed in `Connection`, which are hop-by-hop too. */
function nominated(connection) {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return null
  return new Set(connection.split(',').map((name) => name.trim().toLowerCase()))
}

/** Carries one response from undici to the client. */
class Exchange {
  #method
  #response
  #controller = null
  #remaining = -1
  #ended = false

  constructor(method, response) {
    this.#method = method
    this.#response = response
    response.on('close', () => {
      if (!this.#ended) this.#controller?.abort(new Error('client gone'))
    })
  }

  onRequestStart(controller) {
    this.#controller = controller
    if (this.#response.destroyed) controller.abort(new Error('client gone'))
  }

  onResponseStart(controller, status, headers) {
    if (status < 200) return
    const { rawHeaders } = controller
    const named = nominated(headers.connection)
    const kept = []
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const name = rawHeaders[i].latin1Slice()
      const lower = name.toLowerCase()
      if (HOP_BY_HOP.has(lower) || named?.has(lower)) continue
      kept.push(name, rawHeaders[i + 1].latin1Slice())
    }
    if (headers['content-length'] !== undefined && this.#method !== 'HEAD')
      this.#remaining = Number(headers['content-length'])
    this.#response.writeHead(status, kept)
  }

  onResponseData(controller, chunk) {
    const response = this.#response
    // A small body in one piece, as a string: Node then sends head and body in one write.
    if (chunk.length === this.#remaining && chunk.length < 16_384) {
      response.end(chunk.latin1Slice(), 'latin1')
    } else if (!response.write(chunk)) {
      controller.pause()
      response.once('drain', () => controller.resume())
    }
  }

  onResponseEnd() {
    this.#ended = true
    if (!this.#response.writableEnded) this.#response.end()
  }

  onResponseError() {
    this.#ended = true
    if (this.#response.headersSent) this.#response.destroy()
    else this.#response.writeHead(502).end()
  }
}
