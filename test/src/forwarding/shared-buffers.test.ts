import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { seededChance } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'

const BODIES = 150
const AT_ONCE = 12

/** More than the kernel takes for two loopback connections, so that writes to a client that does not read must wait. */
const LARGE = 12 * 1024 ** 2

/** The body of a number: nothing in it stands in another. */
function bodyOf(number: number): Buffer {
  const size = isSlow(number) ? LARGE : 4 * (1_000 + Math.floor(seededChance(number)() * 120_000))
  const body = Buffer.alloc(size)
  for (let at = 0; at < body.length; at += 4)
    body.writeUInt32LE((Math.imul(at, 2_654_435_761) ^ number) >>> 0, at)
  return body
}

/** Whether the client of a number does not read until others have been served. */
function isSlow(number: number): boolean {
  return number % 25 === 4
}

function hashOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex')
}

/** Sends the bodies by number: some declared, some in chunks of odd sizes, with trailers or a pause in between. */
async function patternUpstream(t: TestContext): Promise<string> {
  const server = createServer((request, response) => {
    const number = Number(request.url?.slice(1))
    const body = bodyOf(number)
    if (number % 3 === 0) {
      response.setHeader('content-length', body.length)
      response.end(body)
      return
    }
    response.setHeader('trailer', 'x-number')
    const size = 1 + ((number * 7_919) % 70_000)
    const chunks: Buffer[] = []
    for (let at = 0; at < body.length; at += size) chunks.push(body.subarray(at, at + size))
    response.addTrailers({ 'x-number': String(number) })
    Readable.from(chunks).pipe(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close().closeAllConnections())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function answerTo(url: string): Promise<IncomingMessage> {
  const request = get(url, { agent: false, headers: { te: 'trailers' } })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return response
}

/** Asks for every body, some at a time. One of seven clients leaves in the middle, and some are slow. */
async function askForAll(url: string, check: (number: number, received: Buffer) => void): Promise<void> {
  let next = 0
  const client = async (): Promise<void> => {
    for (let number = next++; number < BODIES; number = next++) {
      const response = await answerTo(`${url}/${number}`)
      if (number % 7 === 6) {
        response.on('error', () => {}).once('data', () => response.destroy())
        await once(response, 'close')
      } else {
        const goal = Math.min(BODIES - AT_ONCE, number + 20)
        if (isSlow(number)) while (next < goal) await setImmediate()
        check(number, await buffer(response))
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, client))
}

function assertBody(number: number, received: Buffer): void {
  assert.equal(hashOf(received), hashOf(bodyOf(number)), `body ${number}`)
}

test('bodies that pass at the same time arrive as they were sent', async (t) => {
  const { url } = await startGateway(t, await patternUpstream(t))
  await askForAll(url, assertBody)
})

test('a hook may keep the chunks of a body for as long as it likes', async (t) => {
  const kept: { number: number; chunks: Buffer[] }[] = []
  const { url } = await startGateway(t, await patternUpstream(t), {
    hooks: {
      onSend: async (request, _reply, payload) => {
        const number = Number(request.url.slice(1))
        if (number % 2 === 0 || !(payload instanceof Readable)) return payload
        const chunks: Buffer[] = []
        kept.push({ number, chunks })
        return Readable.from(
          (async function* keep() {
            for await (const chunk of payload) {
              chunks.push(chunk as Buffer)
              yield chunk
            }
          })()
        )
      }
    }
  })
  await askForAll(url, assertBody)
  const whole = kept.filter(({ number }) => number % 7 !== 6)
  assert.ok(whole.length > 25)
  for (const { number, chunks } of whole) assertBody(number, Buffer.concat(chunks))
})

test('a response whose write an app has replaced may keep chunks too', async (t) => {
  const kept = new Map<number, Buffer[]>()
  const { url } = await startGateway(t, await patternUpstream(t), {
    hooks: {
      onRequest: async (request, reply) => {
        const { raw } = reply
        const chunks: Buffer[] = []
        kept.set(Number(request.url.slice(1)), chunks)
        const write = raw.write.bind(raw) as (...args: unknown[]) => boolean
        raw.write = ((chunk: Buffer, ...rest: unknown[]) => {
          chunks.push(chunk)
          return write(chunk, ...rest)
        }) as typeof raw.write
      }
    }
  })
  await askForAll(url, assertBody)
  let whole = 0
  for (const [number, chunks] of kept) {
    // Small bodies are sent in one piece, by `end`.
    if (number % 7 === 6 || chunks.length === 0) continue
    whole++
    assertBody(number, Buffer.concat(chunks))
  }
  assert.ok(whole > 25)
})
