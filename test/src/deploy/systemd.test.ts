import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { ensureCommand } from '../support/debian.js'
import { Running } from '../support/running-command.js'
import { root } from '../support/workspace.js'

const execute = promisify(execFile)
const UNIT = `${root}examples/systemd/gatewright.service`

function setting(name: string): string {
  const found = new RegExp(`^${name}=(.*)$`, 'm').exec(readFileSync(UNIT, 'utf8'))
  assert.ok(found, name)
  return found[1] ?? ''
}

async function analyze(t: TestContext): Promise<((...args: string[]) => Promise<string>) | null> {
  const command = await ensureCommand(t, 'systemd-analyze', { package: 'systemd' })
  if (command === null) return null
  // What it starts is not installed where the unit says.
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-systemd-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const copy = join(folder, 'gatewright.service')
  cpSync(UNIT, copy)
  writeFileSync(copy, readFileSync(copy, 'utf8').replace('=/usr/bin/node', `=${process.execPath}`))
  return async (...args) => {
    const { stdout, stderr } = await execute(command, [...args, copy])
    return stdout + stderr
  }
}

test('systemd takes every line of the unit', async (t) => {
  const run = await analyze(t)
  if (run === null) return
  const said = await run('verify', '--man=no')
  assert.deepEqual(
    said.split('\n').filter((line) => line.includes('gatewright.service')),
    []
  )
})

test('systemd finds the service as confined as services can be that reach a network', async (t) => {
  const run = await analyze(t)
  if (run === null) return
  const said = await run('security', '--offline=true', '--no-pager')
  const [, exposure = '10'] = /Overall exposure level for \S+ ([\d.]+)/.exec(said) ?? []
  assert.ok(Number(exposure) <= 1.5, `exposure ${exposure} of 10`)
})

test('what the unit starts is the command, what it reloads by is read again, and what it stops by drains', async (t) => {
  const started = setting('ExecStart').split(' ')
  assert.deepEqual(started.slice(-2), ['run', '/etc/gatewright/gateway.yaml'])
  assert.match(setting('ExecReload'), /^\/bin\/kill -HUP \$MAINPID$/)
  const text = (body: string): string =>
    `listen: { port: 0, host: 127.0.0.1 }\nroutes: [{ path: /*, respond: { body: ${body} } }]\n`
  const running = new Running(t, ['run', 'gateway.yaml', '--no-watch'], text('first'))
  const url = await running.listening()
  running.write(text('second'))
  running.signal('SIGHUP')
  await running.printed(/the configuration was changed/)
  assert.equal(await (await fetch(url)).text(), 'second')
  running.signal('SIGTERM')
  assert.equal((await running.ended()).code, 0)
})

test('the unit gives the gateway longer to stop than it takes by default', () => {
  assert.ok(Number(setting('TimeoutStopSec')) > 10 + 30)
})
