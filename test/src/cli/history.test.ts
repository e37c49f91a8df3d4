import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../support/eventually.js'
import { command, Running } from '../support/running-command.js'

const bounded = { timeout: 120_000 }

const says = (body: string): string =>
  `listen: { port: 0, host: 127.0.0.1 }\nroutes: [{ id: hello, path: /hello, respond: { body: ${body} } }]\n`
const body = async (url: string): Promise<string> => await (await fetch(`${url}/hello`)).text()

/** Runs a command in the folder of a gateway. */
function gatewright(cwd: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
    cwd,
    encoding: 'utf8'
  })
  return { code: status, out: stdout, err: stderr }
}

const listed = (cwd: string): readonly { readonly revision: number; readonly reason: string | null }[] =>
  JSON.parse(gatewright(cwd, 'history', 'kept', '--json').out)

test(
  'what has run is kept, and can be gone back to while the gateway runs and after a restart',
  bounded,
  async (t) => {
    const running = new Running(t, ['run', '--history', 'kept'], says('one'))
    const { cwd } = running
    const url = await running.listening()
    running.write(says('two'))
    await running.printed(/"the configuration was changed"/)
    running.write(says('three').replace('respond', 'respnd'))
    await running.printed(/the configuration was not changed/)
    const back = gatewright(cwd, 'rollback', 'kept', '1', '--reason', 'it was better')
    assert.deepEqual([back.code, back.out, back.err], [0, `written: ${join(cwd, 'gateway.yaml')}\n`, ''])
    await running.printed(/"the configuration was changed"/)
    assert.equal(await body(url), 'one')
    assert.equal(readFileSync(join(cwd, 'gateway.yaml'), 'utf8'), says('one'))
    running.signal('SIGTERM')
    assert.equal((await running.ended()).code, 0)
    const expected = [
      [1, null],
      [2, null],
      [3, 'rollback to version 1: it was better']
    ]
    assert.deepEqual(
      listed(cwd).map(({ revision, reason }) => [revision, reason]),
      expected
    )
    assert.match(
      gatewright(cwd, 'history', 'kept').out,
      /^3 +\d{4}-.* {2}gateway\.yaml {2}rollback to version 1/m
    )
    assert.match(gatewright(cwd, 'history', 'kept', '2').out, /body: two/)
    assert.match(
      gatewright(cwd, 'history', 'kept', '9').err,
      /the version must be one of the history: 1, 2, 3/
    )

    const again = new Running(t, ['run', '--history', join(cwd, 'kept'), join(cwd, 'gateway.yaml')], '')
    const other = await again.listening()
    assert.equal(gatewright(cwd, 'rollback', 'kept', '2').code, 0)
    await again.printed(/"the configuration was changed"/)
    assert.equal(await body(other), 'two')
    assert.equal(listed(cwd).at(-1)?.reason, 'rollback to version 2')
  }
)

test('workers keep one history', bounded, async (t) => {
  const running = new Running(t, ['run', '--workers', '2', '--history', 'kept'], says('one'))
  await running.printed(/"the workers serve"/)
  running.write(says('two'))
  await running.printed(/"the configuration was changed"/)
  assert.deepEqual(
    listed(running.cwd).map(({ revision }) => revision),
    [1, 2]
  )
})

test('a secret in clear is told and not kept; the gateway runs all the same', bounded, async (t) => {
  const text = `${says('one')}pools: { app: { endpoints: ['http://127.0.0.1:9'] } }
`.replace('respond: {', 'headers: { x-api-key: correcthorse }, respond: {')
  const running = new Running(t, ['run', '--history', 'kept'], text)
  await running.printed(/"missing":"a secret stands in it in clear \(routes\[0\]\.headers\.x-api-key\)/)
  assert.doesNotMatch(gatewright(running.cwd, 'history', 'kept').out, /correcthorse/)
  assert.match(
    gatewright(running.cwd, 'rollback', 'kept', '1').err,
    /one whose content is kept: a secret stands/
  )
})

test('a version that has become wrong is not written', bounded, async (t) => {
  const running = new Running(
    t,
    ['run', '--history', 'kept'],
    says(`"\${file:text}"`).replace('routes', 'routes')
  )
  // There is no such file yet, so the start fails, and nothing has run.
  assert.equal((await running.ended()).code, 2)
  writeFileSync(join(running.cwd, 'text'), 'x')
  const second = new Running(
    t,
    ['run', '--history', join(running.cwd, 'kept'), join(running.cwd, 'gateway.yaml')],
    ''
  )
  await second.listening()
  rmSync(join(running.cwd, 'text'))
  running.write(says('two'))
  await second.printed(/"the configuration was changed"/)
  const back = gatewright(running.cwd, 'rollback', 'kept', '1')
  assert.equal(back.code, 1)
  assert.match(back.out, /the file text cannot be read: ENOENT/)
  assert.equal(readFileSync(join(running.cwd, 'gateway.yaml'), 'utf8'), says('two'))
})

test('a folder that cannot be made is a start that fails', bounded, async (t) => {
  const running = new Running(t, ['run', '--history', 'gateway.yaml'], says('one'))
  const { code, output } = await running.ended()
  assert.equal(code, 2)
  assert.match(output, /^gatewright: .*gateway\.yaml: .*\(EEXIST\)\n$/)
})

test('a history that is lost meanwhile is told, and the gateway goes on', bounded, async (t) => {
  const running = new Running(t, ['run', '--history', 'kept'], says('one'))
  const url = await running.listening()
  await eventually(async () => assert.equal(listed(running.cwd).length, 1))
  rmSync(join(running.cwd, 'kept'), { recursive: true })
  writeFileSync(join(running.cwd, 'kept'), '')
  chmodSync(join(running.cwd, 'kept'), 0o600)
  running.write(says('two'))
  await running.printed(/"the history could not be written"/)
  assert.equal(await body(url), 'two')
})
