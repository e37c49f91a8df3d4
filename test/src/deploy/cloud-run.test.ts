import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { type TestContext } from 'node:test'
import { parse } from 'yaml'
import { freePort } from '../support/free-port.js'
import { Running } from '../support/running-command.js'
import { root } from '../support/workspace.js'

const folder = `${root}examples/serverless/`

/** The program as Cloud Run starts it: with PORT, and K_SERVICE. */
async function start(t: TestContext, env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [`${folder}dist/cloud-run.js`], {
    env: { ...process.env, K_SERVICE: 'gateway', ...env },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  child.stdout.on('data', (text) => {
    output += text
  })
  while (!/listening at/i.test(output)) await once(child.stdout, 'data')
  return { child, output: () => output }
}

test('Cloud Run: it listens on PORT, finishes what is under way on SIGTERM, and ends with 0', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => void server.close().closeAllConnections())
  const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const port = await freePort()
  const { child, output } = await start(t, { PORT: String(port), UPSTREAM: upstream })
  assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 204)
  const late = fetch(`http://127.0.0.1:${port}/late`)
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse]
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  while (!(await isRefused(port)));
  response.end('late')
  assert.equal(await (await late).text(), 'late')
  assert.deepEqual(await exit, [0, null])
  assert.doesNotMatch(output(), /"level":"warn"/)
})

async function isRefused(port: number): Promise<boolean> {
  try {
    await (await fetch(`http://127.0.0.1:${port}/healthz`)).text()
    return false
  } catch {
    return true
  }
}

test('Cloud Run: a gateway from a file warns of what cannot run there, and elsewhere does not', async (t) => {
  const text =
    'listen: { port: 0, host: 127.0.0.1 }\nprobes: { port: 0 }\nroutes: [{ path: /*, respond: { status: 204 } }]\n'
  const there = new Running(t, ['run', 'gateway.yaml'], text, { K_SERVICE: 'gateway' })
  await there.printed(/"level":"warn".*"path":"probes"/)
  await there.printed(/"level":"warn".*"path":"shutdown".*10 s after SIGTERM/)
  const elsewhere = new Running(t, ['run', 'gateway.yaml'], text, { K_SERVICE: '' })
  await elsewhere.listening()
  elsewhere.signal('SIGINT')
  elsewhere.signal('SIGINT')
  await elsewhere.ended()
  assert.equal(elsewhere.last(/"level":"warn"/g), undefined)
})

test('Cloud Run: what it allows is more than stopping takes, and the service reaches the port and the probe', () => {
  const service = parse(readFileSync(`${folder}service.yaml`, 'utf8'))
  const [container] = service.spec.template.spec.containers
  assert.deepEqual(container.ports, [{ name: 'http1', containerPort: 8080 }])
  assert.equal(container.startupProbe.httpGet.path, '/healthz')
})

test('Lambda: the template names the handler that the bundle has, and allows more than routes take', () => {
  const template = parse(readFileSync(`${folder}template.yaml`, 'utf8'))
  const { Handler, CodeUri, Timeout, FunctionUrlConfig } = template.Resources.Gateway.Properties
  assert.deepEqual(
    [Handler, CodeUri, FunctionUrlConfig.InvokeMode],
    ['lambda.handler', 'bundle/', 'RESPONSE_STREAM']
  )
  const [, total = ''] = /total: '(\d+)s'/.exec(readFileSync(`${folder}config.ts`, 'utf8')) ?? []
  assert.ok(Number(total) > 0 && Number(total) < Timeout)
})
