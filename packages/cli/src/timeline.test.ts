import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { Timeline } from './timeline.js'

function printed() {
  let text = ''
  let now = 1_000
  const out = new Writable({
    write(chunk, _encoding, done) {
      text += chunk
      done()
    }
  })
  return { timeline: new Timeline(out, () => now), pass: (ms: number) => (now += ms), text: () => text, out }
}

test('stages are lines with the milliseconds since the first one', () => {
  const { timeline, pass, text } = printed()
  timeline.begins('', { stage: 'waiting', inFlight: 2, mostMs: 500 })
  pass(500.4)
  timeline.begins('worker 1', { stage: 'draining', inFlight: 1, mostMs: 30_000 })
  pass(10)
  timeline.begins('worker 1', { stage: 'closed', inFlight: 0, mostMs: 0 })
  timeline.over(0)
  assert.equal(
    text(),
    [
      'stopping',
      '      0 ms  waiting     not ready; requests are accepted, for at most 500 ms; 2 requests under way',
      '    500 ms  worker 1  draining    no new connections, for at most 30000 ms; 1 request under way',
      '    510 ms  worker 1  closed      nothing is left',
      '    510 ms  stopped, exit code 0',
      ''
    ].join('\n')
  )
})

test('nothing is printed where nothing was stopped, and a reader that has gone harms nobody', () => {
  const { timeline, text, out } = printed()
  timeline.over(3)
  assert.equal(text(), '')
  out.emit('error', new Error('EPIPE'))
})
