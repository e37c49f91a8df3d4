import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { root } from '../support/workspace.js'

const PROGRAM = `
import { createGateway } from '@gatewright/gateway'
const gateway = createGateway({ logger: false, accessLog: false }).route('/*', 'http://127.0.0.1:1')
await gateway.listen({ port: 0, host: '127.0.0.1' })
await gateway.close()
`

/** Every file that a program has run, by V8's own record of it. */
function filesRunBy(program: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-start-'))
  try {
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: `${root}test`,
      env: { PATH: process.env.PATH, NODE_V8_COVERAGE: folder },
      encoding: 'utf8'
    })
    assert.equal(status, 0, stderr)
    const reports = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')))
    return reports.flatMap(({ result }) => result.map(({ url }: { url: string }) => url))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const files = filesRunBy(PROGRAM)

test('a gateway starts from one file of each of its packages', () => {
  const ours = files
    // What a package with a second entry shares with it.
    .filter((file) => !/\/packages\/filters\/lib\/\w+-[\w-]{8}\.js$/.test(file))
    .flatMap((file) => /\/packages\/([\w-]+)\/(.+)$/.exec(file)?.slice(1, 3) ?? [])
  const names = ours.filter((_, index) => index % 2 === 0)
  assert.ok(names.includes('gateway') && names.includes('core'))
  assert.deepEqual(names, [...new Set(names)])
  assert.deepEqual([...new Set(ours.filter((_, index) => index % 2 === 1))], ['lib/index.js'])
})

test('a start loads no library that only some gateways need', () => {
  const loaded = new Set(files.map((file) => /\/node_modules\/((?:@[\w-]+\/)?[\w.-]+)\//.exec(file)?.[1]))
  assert.ok(loaded.has('fastify') && loaded.has('undici'))
  for (const name of [
    'ajv',
    '@fastify/ajv-compiler',
    'typebox',
    'pino',
    'prom-client',
    'yaml',
    'jose',
    'iovalkey'
  ])
    assert.ok(!loaded.has(name), name)
})
