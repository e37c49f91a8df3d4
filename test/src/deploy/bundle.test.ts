import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { fakeUpstream } from '@gatewright/testing'
import { freePort } from '../support/free-port.js'
import { startLambda } from '../support/lambda-runtime.js'
import { root } from '../support/workspace.js'

/** Bundles the example into a folder without any package in reach. */
async function bundled(t: TestContext): Promise<string> {
  const out = mkdtempSync(join(tmpdir(), 'gatewright-bundle-'))
  t.after(() => rmSync(out, { recursive: true }))
  await promisify(execFile)(process.execPath, [`${root}examples/serverless/bundle.mjs`], {
    env: { ...process.env, OUT: out }
  })
  return out
}

// Loads the bundle, asks it, and prints how long that took, what memory is in use, and what was answered.
const ASKING = `
const begun = performance.now()
const before = process.cpuUsage()
await import(process.argv[2])
const { get } = await import('node:http')
const status = await new Promise((resolve, reject) => {
  get('http://127.0.0.1:' + process.env.PORT + '/healthz', (response) => resolve(response.statusCode)).on('error', reject)
})
const took = performance.now() - begun
const { user, system } = process.cpuUsage(before)
console.log('MEASURED ' + JSON.stringify({ status, took, cpu: (user + system) / 1_000, rss: process.memoryUsage.rss() }))
process.kill(process.pid, 'SIGTERM')
`

test('the bundle is one file of each program, which runs without packages', async (t) => {
  const out = await bundled(t)
  assert.deepEqual(
    readdirSync(out).filter((file) => file.endsWith('.mjs')),
    ['cloud-run.mjs', 'lambda.mjs']
  )
  // 2.9 MB is usual.
  assert.ok(statSync(join(out, 'cloud-run.mjs')).size < 3_500_000)
  const asking = join(out, 'ask.mjs')
  writeFileSync(asking, ASKING)
  const child = spawn(process.execPath, [asking, join(out, 'cloud-run.mjs')], {
    cwd: out,
    env: { PATH: process.env.PATH, PORT: String(await freePort()), K_SERVICE: 'gateway' },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  t.after(() => child.kill('SIGKILL'))
  const exit = once(child, 'exit')
  let output = ''
  child.stdout.on('data', (text) => {
    output += text
  })
  assert.deepEqual(await exit, [0, null], output)
  const measured = JSON.parse(/MEASURED (.*)/.exec(output)?.[1] ?? '{}') as Record<string, number>
  assert.equal(measured.status, 204)
  t.diagnostic(
    `import to first answer ${measured.took?.toFixed(0)} ms, ${((measured.rss ?? 0) / 2 ** 20).toFixed(0)} MiB`
  )
  // By the processor's time, as other tests run beside it; about 400 ms is usual.
  assert.ok((measured.cpu ?? Number.NaN) < 2_000, `${measured.cpu} ms of processor time`)
  assert.ok((measured.rss ?? Number.NaN) < 200 * 2 ** 20)
})

test('the bundle of the handler answers Lambda', async (t) => {
  const upstream = await fakeUpstream(t, { body: 'from the app' })
  const lambda = await startLambda(t, join(await bundled(t), 'lambda.mjs'), { UPSTREAM: upstream.url })
  const { parts } = await lambda.invoke({
    version: '2.0',
    rawPath: '/a',
    headers: { host: 'api.example.com' },
    requestContext: { http: { method: 'GET', sourceIp: '203.0.113.9' } }
  })
  assert.match(Buffer.concat(parts).toString(), /"statusCode":200.*from the app$/s)
})
