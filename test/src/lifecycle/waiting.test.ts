import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const bounded = { timeout: 30_000 }

// A program of its own: in here, the test runner's own handles would keep the process alive.
async function run(program: string): Promise<string> {
  const args = [
    '--input-type=module',
    '-e',
    `import { createGateway, gateway } from '@gatewright/gateway'\nimport { fastify } from 'fastify'\n${program}`
  ]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: HERE })
  return stdout.trim()
}

const QUIET = 'logger: false, accessLog: false'

test('a request that waits for its next attempt keeps the process alive', bounded, async () => {
  const said = await run(`
    const app = createGateway({
      ${QUIET},
      pools: {
        gone: {
          endpoints: ['http://127.0.0.1:1'],
          retry: { attempts: 3, backoff: { base: '200ms' }, budgetMinPerSecond: 100 }
        }
      },
      routes: [{ path: '/*', pool: 'gone' }]
    }, { chance: () => 1 })
    console.log((await app.inject('/')).statusCode)
  `)
  assert.equal(said, '502')
})

test('a request that waits to be let in keeps the process alive', bounded, async () => {
  const said = await run(`
    const app = createGateway({
      ${QUIET},
      routes: [{
        path: '/*',
        handler: () => new Promise(() => {}),
        concurrency: { max: 1, maxQueue: 1, queueTimeout: '300ms' }
      }]
    })
    app.inject('/').then(() => {})
    console.log((await app.inject('/')).statusCode)
  `)
  assert.equal(said, '503')
})

test('a start that waits for a source of endpoints keeps the process alive', bounded, async () => {
  const said = await run(`
    async function* silent() { await new Promise(() => {}) }
    const app = fastify({ pluginTimeout: 0 })
    await app.register(gateway, {
      pools: { found: { discovery: { source: silent } } },
      routes: [{ path: '/*', pool: 'found' }]
    })
    await app.ready()
    console.log('ready')
  `)
  assert.equal(said, 'ready')
})

test('a stop that waits for the access log keeps the process alive', bounded, async () => {
  const said = await run(`
    import { Writable } from 'node:stream'
    const app = fastify({ pluginTimeout: 0 })
    await app.register(gateway, {
      accessLog: { destination: new Writable({ write() {} }) },
      routes: [{ path: '/*', handler: async () => 'hello' }]
    })
    await app.inject('/')
    await app.close()
    console.log('closed')
  `)
  assert.equal(said, 'closed')
})
