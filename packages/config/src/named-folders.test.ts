import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { loadConfig } from './index.js'

function folder(t: TestContext): string {
  const cwd = mkdtempSync(join(tmpdir(), 'gatewright-folders-'))
  t.after(() => rmSync(cwd, { recursive: true }))
  mkdirSync(join(cwd, 'routes.d'))
  return cwd
}

test('a folder without any file is no configuration: it may not be mounted', async (t) => {
  const cwd = folder(t)
  writeFileSync(join(cwd, 'routes.d/notes.txt'), 'x')
  await assert.rejects(loadConfig('routes.d', { cwd }), {
    message: 'routes.d: there is no file of a configuration in it'
  })
})

test('a folder beside a file may be empty', async (t) => {
  const cwd = folder(t)
  writeFileSync(join(cwd, 'gateway.yaml'), 'include: routes.d\nroutes: []\n')
  assert.deepEqual((await loadConfig(['gateway.yaml', 'routes.d'], { cwd })).config, { routes: [] })
})

test('a second document in a file is told in words of the file', async (t) => {
  const cwd = folder(t)
  writeFileSync(join(cwd, 'gateway.yaml'), 'routes: []\n---\nroutes: []\n')
  await assert.rejects(loadConfig('gateway.yaml', { cwd }), {
    message: /^gateway\.yaml:2:1 {2}a file is one document: put what follows this line into another file/
  })
})
