import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { endHalfClosed } from './half-closed.js'

/** A connection whose client has closed its side, and what the gateway does to it, with the time. */
function halfClosed(t: TestContext, patienceMs: number, version: 0 | 1) {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const done: string[] = []
  let now = 0
  const note = (what: string): void => {
    done.push(`${what} at ${now}`)
  }
  const response = {
    headersSent: false,
    req: { httpVersionMinor: version },
    writeContinue: () => note('asked')
  }
  const connection = new EventEmitter()
  const socket = Object.assign(connection, {
    _httpMessage: response,
    bytesWritten: 0,
    writableLength: 0,
    write: (bytes: Buffer) => note(`wrote ${bytes.length}`),
    destroy() {
      note('destroyed')
      connection.emit('close')
    }
  })
  endHalfClosed(() => patienceMs).call(socket as unknown as Socket)
  return {
    done,
    socket,
    response,
    pass(ms: number) {
      for (let passed = 0; passed < ms; passed += 10) {
        now += 10
        t.mock.timers.tick(10)
      }
    }
  }
}

test('a client that has closed its side is asked after 100 ms, and known to have left 50 ms later', (t) => {
  const { done, pass } = halfClosed(t, 1_000, 1)
  pass(90)
  assert.deepEqual(done, [])
  pass(60)
  assert.deepEqual(done, ['asked at 100', 'wrote 0 at 150'])
  pass(650)
  const asked = (done as readonly string[]).filter((what) => what.startsWith('asked'))
  assert.deepEqual(asked, ['asked at 100', 'asked at 200', 'asked at 400', 'asked at 800'])
})

test('nothing is asked within an answer, and in HTTP/1.0: such a client has left after its time of silence', (t) => {
  const { done, pass } = halfClosed(t, 200, 0)
  pass(200)
  assert.deepEqual(done, ['destroyed at 200'])
})

test('while something is written to a client, it is there', (t) => {
  const { done, pass, socket, response } = halfClosed(t, 200, 1)
  response.headersSent = true
  for (let n = 1; n <= 5; n++) {
    socket.bytesWritten++
    pass(150)
  }
  assert.deepEqual(done, [])
  pass(200)
  assert.match(done[0] ?? '', /^destroyed/)
})
