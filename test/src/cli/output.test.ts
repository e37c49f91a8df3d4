import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { eventually } from '../support/eventually.js'
import { freePort } from '../support/free-port.js'
import { command } from '../support/running-command.js'

const bounded = { timeout: 90_000 }
/** A device whose every write fails as on a full disk. */
const FULL = '/dev/full'
const full = { ...bounded, skip: existsSync(FULL) ? false : `${FULL} is not there` }

const SMALL = 'routes: [{ id: hello, path: /hello, respond: { body: hello } }]\n'
function folder(t: TestContext, text: string): string {
  const cwd = mkdtempSync(join(tmpdir(), 'gatewright-output-'))
  t.after(() => rmSync(cwd, { recursive: true }))
  writeFileSync(join(cwd, 'gateway.yaml'), text)
  return cwd
}

/** Runs it with a standard output that is full. */
function started(t: TestContext, args: readonly string[], text: string) {
  const out = openSync(FULL, 'w')
  const child = spawn(process.execPath, [command, ...args], {
    cwd: folder(t, text),
    stdio: ['ignore', out, 'pipe']
  })
  closeSync(out)
  t.after(() => child.kill('SIGKILL'))
  let told = ''
  child.stderr?.on('data', (chunk) => {
    told += chunk
  })
  return { child, told: () => told }
}

for (const args of [['check'], ['export'], ['help']])
  test(
    `gatewright ${args.join(' ')} says that its output cannot be written, and exits with 2`,
    full,
    async (t) => {
      const { child, told } = started(t, args, SMALL)
      const [code] = await once(child, 'close')
      assert.equal(code, 2)
      assert.match(told(), /^gatewright: the output could not be written: ENOSPC: [^\n]*\n$/)
    }
  )

test('who reads the beginning of a result alone leaves no error behind', bounded, async (t) => {
  const child = spawn(process.execPath, [command, 'schema'], {
    cwd: folder(t, SMALL),
    stdio: ['ignore', 'pipe', 'pipe']
  })
  t.after(() => child.kill('SIGKILL'))
  let told = ''
  child.stderr.on('data', (chunk) => {
    told += chunk
  })
  await once(child.stdout, 'data')
  child.stdout.destroy()
  const [code] = await once(child, 'close')
  assert.deepEqual([code, told], [0, ''])
})

for (const workers of [[], ['--workers', '1']])
  test(
    `a gateway whose log cannot be written serves, and stops as it should: run ${workers.join(' ')}`,
    full,
    async (t) => {
      const port = await freePort()
      const args = ['run', '--host', '127.0.0.1', '--port', String(port), ...workers]
      const { child, told } = started(t, args, SMALL)
      const ask = async (): Promise<string> => {
        const response = await fetch(`http://127.0.0.1:${port}/hello`)
        return await response.text()
      }
      await eventually(async () => assert.equal(await ask(), 'hello'), 30_000)
      assert.equal(await ask(), 'hello')
      child.kill('SIGTERM')
      assert.deepEqual(await once(child, 'close'), [0, null], told())
    }
  )

test('a gateway whose log file cannot be written serves, and ends', full, async (t) => {
  const program = `
    import { createGateway } from '@gatewright/gateway'
    const gateway = createGateway({ accessLog: false, logger: { file: '${FULL}' }, routes: [{ path: '/', respond: { body: 'ok' } }] })
    const url = await gateway.listen({ port: 0, host: '127.0.0.1' })
    for (let line = 0; line < 100; line++) gateway.app.log.info('line')
    console.log(await (await fetch(url)).text())
    await gateway.close()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: new URL('../..', import.meta.url),
    stdio: ['ignore', 'pipe', 'inherit']
  })
  t.after(() => child.kill('SIGKILL'))
  let out = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  assert.deepEqual([...(await once(child, 'close')), out], [0, null, 'ok\n'])
})
