// An upstream that tells which version has asked. Below /failing it fails, and /limited waits for POST /release.
import { createServer } from 'node:http'

const held = []
let most = 0

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const { url, headers } = request
  if (url === '/release') {
    for (const one of held.splice(0)) one.end('released')
    response.end(String(most))
  } else if (url.startsWith('/failing')) response.writeHead(500).end('failing')
  else if (url.startsWith('/limited')) {
    held.push(response)
    most = Math.max(most, held.length)
    process.send({ held: held.length })
  } else response.writeHead(200, { 'x-upstream': headers['x-version'] ?? 'none' }).end(url)
})
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
