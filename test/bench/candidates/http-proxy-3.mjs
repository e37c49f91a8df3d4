// http-proxy-3, the maintained successor of http-proxy, set up in the same way.
import { Agent, createServer } from 'node:http'
import { port, upstreams } from './environment.mjs'
import { peer } from './peer.mjs'

const { createProxyServer } = (await import(peer('http-proxy-3'))).default

const proxy = createProxyServer({ agent: new Agent({ keepAlive: true }) })
const targets = upstreams.map((url) => new URL(url))
let turn = 0
const server = createServer((request, response) => {
  turn = (turn + 1) % targets.length
  proxy.web(request, response, { target: targets[turn] }, () => response.writeHead(502).end())
})
await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))
