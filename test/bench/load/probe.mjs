import { request } from 'node:http'

/**
 * Sends one request of the load and checks the answer: a proxy that answers something else must not be measured.
 * `expect`: status and length of the body.
 */
export async function probe(port, { mix, expect }) {
  const { status, bytes } = await ask(port, mix)
  if (status !== expect.status || bytes !== expect.bytes)
    throw new Error(`answered ${status} with ${bytes} bytes, not ${expect.status} with ${expect.bytes}`)
}

function ask(port, { path, body, routes }) {
  const sent = body === undefined ? '' : 'x'.repeat(body)
  return new Promise((resolve, reject) => {
    const options = {
      port,
      host: '127.0.0.1',
      path: routes === undefined ? path : '/route-00000/0',
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        host: routes === undefined ? `127.0.0.1:${port}` : 'host-00000.example.test',
        ...(body === undefined ? {} : { 'content-length': body })
      },
      agent: false,
      timeout: 10_000
    }
    request(options, (response) => {
      let bytes = 0
      response.on('data', (chunk) => {
        bytes += chunk.length
      })
      response.on('end', () => resolve({ status: response.statusCode, bytes }))
      response.on('error', reject)
    })
      .on('timeout', () => reject(new Error('did not answer within 10 s')))
      .on('error', reject)
      .end(sent)
  })
}
