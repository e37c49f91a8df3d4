// http-proxy with a keep-alive agent (its default opens a connection per request), the endpoints in turn.
import { Agent, createServer } from 'node:http'
import { port, upstreams } from './environment.mjs'
import { peer } from './peer.mjs'

const { default: httpProxy } = await import(peer('http-proxy'))

const proxy = httpProxy.createProxyServer({ agent: new Agent({ keepAlive: true }) })
const targets = upstreams.map((url) => new URL(url))
let turn = 0
const server = createServer((request, response) => {
  turn = (turn + 1) % targets.length
  proxy.web(request, response, { target: targets[turn] }, () => response.writeHead(502).end())
})
await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
