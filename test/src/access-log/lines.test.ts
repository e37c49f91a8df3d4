import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGateway } from '@gatewright/gateway'

type Line = Readonly<Record<string, unknown>>

async function linesOf(logger: object): Promise<Line[]> {
  const lines: Line[] = []
  const sink = { write: (line: string) => void lines.push(JSON.parse(line)) }
  const gateway = createGateway({ logger: { stream: sink, ...logger }, accessLog: { destination: sink } })
    .route('/fails', () => {
      throw new Error('as planned')
    })
    .route('/works', () => Promise.resolve('ok'))
  await gateway.inject('/fails')
  await gateway.inject('/works')
  await gateway.close()
  return lines
}

test("the app's log and the access log are lines of one form", async () => {
  const lines = await linesOf({})
  assert.deepEqual(lines.map(({ level }) => level).sort(), ['error', 'info', 'info'])
  for (const { timestamp } of lines)
    assert.match(String(timestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
})

test('an error of a handler is found by the id that the access log has', async () => {
  const lines = await linesOf({})
  const error = lines.find(({ level }) => level === 'error')
  const request = lines.find(({ path }) => path === '/fails')
  assert.equal(error?.msg, "a hook or handler of route '/fails' threw Error: as planned")
  assert.equal(error?.request_id, request?.request_id)
})

test("the form is the app's where it says so", async () => {
  const lines = await linesOf({ formatters: {}, timestamp: false })
  const error = lines.find(({ level }) => level === 50)
  assert.equal(error?.timestamp, undefined)
})
