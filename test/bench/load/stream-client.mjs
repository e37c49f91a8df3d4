// Sends or receives one large body: arguments are port, `download` or `upload`, and bytes. Prints how long it took.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pieces } from '../upstream/pieces.mjs'
import { BYTES_PATH, UPLOAD_PATH } from '../upstream/resources.mjs'

const [port, direction, size] = process.argv.slice(2)
const bytes = Number(size)
const begin = performance.now()
await (direction === 'upload' ? upload() : download())
process.stdout.write(JSON.stringify({ seconds: (performance.now() - begin) / 1000 }))
process.exit(0)

async function download() {
  const [response] = await once(ask('GET', `${BYTES_PATH}${bytes}`).end(), 'response')
  let received = 0
  for await (const chunk of response) received += chunk.length
  assert.deepEqual([response.statusCode, received], [200, bytes])
}

async function upload() {
  const sending = ask('POST', UPLOAD_PATH, { 'content-length': bytes })
  const answered = once(sending, 'response')
  await pipeline(Readable.from(pieces(bytes)), sending)
  const [response] = await answered
  assert.equal(response.statusCode, 204)
}

function ask(method, path, headers = {}) {
  return request({ host: '127.0.0.1', port, method, path, headers, agent: false })
}
