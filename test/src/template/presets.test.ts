import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { newcomer } from '../support/scaffolding.js'

const user = await newcomer()
after(() => user.leave())

test('minimal is made, installed from the registry, tested, started and drilled', async (t) => {
  const made = await user.create(['my-gateway', '--preset', 'minimal', '--yes'])
  assert.equal(made.code, 0, made.output)
  const project = join(user.folder, 'my-gateway')
  assert.ok(readdirSync(project).includes('.gitignore'))

  const tested = await user.run('npm', ['test'], project)
  assert.equal(tested.code, 0, tested.output)
  assert.match(tested.output, /^# fail 0$/m)

  const gateway = user.start('npm', ['start'], project, { PORT: '0', PROBE_PORT: '0' })
  t.after(() => process.kill(-Number(gateway.pid), 'SIGKILL'))
  let output = ''
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [gateway.stdout, gateway.stderr])
      stream?.on('data', (chunk) => {
        output += chunk
        const [, found] = /answers on (http:\S+);/.exec(output) ?? []
        if (found !== undefined) resolve(found)
      })
    gateway.once('close', () => reject(new Error(output)))
  })
  const response = await fetch(`${url}/hello`)
  assert.equal(response.status, 200)
  assert.match(await response.text(), /"url":"\/hello"/)

  const drilled = await user.run('npm', ['run', 'drill'], project)
  assert.equal(drilled.code, 0, drilled.output)
  assert.match(drilled.output, /✓ the circuit breaker opens[\s\S]*✓ the circuit breaker closes/)
})
