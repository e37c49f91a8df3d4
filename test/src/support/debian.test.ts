import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { ensureCommand, type System } from './debian.js'

/** A machine with one folder of commands; what is run there is noted, and may put a command in place. */
function machine(t: TestContext, has: readonly string[], more: Partial<System> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const add = (command: string): void => {
    writeFileSync(join(folder, command), '')
    chmodSync(join(folder, command), 0o755)
  }
  has.forEach(add)
  const ran: string[] = []
  const skipped: string[] = []
  const system: System = {
    ...{ root: true, ci: false, folders: [folder] },
    run: async (line) => {
      ran.push(line)
      add('nginx')
    },
    ...more
  }
  return { folder, ran, skipped, system, t: { skip: (message = '') => void skipped.push(message) } }
}

test('curl is found, or installed, and runs', async (t) => {
  const path = await ensureCommand(t, 'curl')
  if (path !== null) assert.match(execFileSync(path, ['--version'], { encoding: 'utf8' }), /^curl \d/)
})

test('a command that is there is not installed again', async (t) => {
  const { folder, ran, system, t: context } = machine(t, ['apt-get', 'nginx'])
  assert.equal(await ensureCommand(context, 'nginx', {}, system), join(folder, 'nginx'))
  assert.deepEqual(ran, [])
})

test('a missing command is installed from its package', async (t) => {
  const { folder, ran, system, t: context } = machine(t, ['apt-get'])
  const path = await ensureCommand(context, 'nginx', { package: 'nginx-light' }, system)
  assert.equal(path, join(folder, 'nginx'))
  assert.match(ran.join(), /apt-get install .* nginx-light'$/)
})

const impossible: [because: string, has: string[], more: Partial<System>, told: RegExp][] = [
  ['there is no apt-get', [], {}, /no apt-get/],
  ['the user is not root', ['apt-get'], { root: false }, /only root/],
  ['apt-get fails', ['apt-get'], { run: () => Promise.reject(new Error('no network')) }, /no network/],
  ['the package lacks it', ['apt-get'], { run: async () => {} }, /the package lacks it/]
]

for (const [because, has, more, told] of impossible) {
  test(`the test is skipped aloud when ${because}`, async (t) => {
    const { skipped, system, t: context } = machine(t, has, more)
    assert.equal(await ensureCommand(context, 'nginx', { package: 'nginx-light' }, system), null)
    assert.match(skipped.join(), told)
    assert.match(skipped.join(), /^NOT RUN: 'nginx' is missing \(Debian package nginx-light\)/)
  })

  test(`on CI it is an error when ${because}`, async (t) => {
    const { skipped, system, t: context } = machine(t, has, { ...more, ci: true })
    await assert.rejects(ensureCommand(context, 'nginx', {}, system), told)
    assert.deepEqual(skipped, [])
  })
}
