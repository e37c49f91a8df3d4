import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { promisify } from 'node:util'
import { fakeUpstream } from '@gatewright/testing'
import { validate } from 'dockerfile-utils'
import { parse } from 'yaml'
import { ensureCommand } from '../support/debian.js'
import { startPrometheus } from '../support/prometheus.js'
import { promtool } from '../support/promtool.js'
import { Running } from '../support/running-command.js'
import { root } from '../support/workspace.js'

const folder = `${root}examples/docker/`
const dockerfile = readFileSync(`${folder}Dockerfile`, 'utf8')
const instructions = dockerfile
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => ({ keyword: line.slice(0, line.indexOf(' ')), rest: line.slice(line.indexOf(' ') + 1) }))
const lastStage = instructions.slice(instructions.findLastIndex(({ keyword }) => keyword === 'FROM'))
const of = (keyword: string): string[] =>
  lastStage.filter((instruction) => instruction.keyword === keyword).map(({ rest }) => rest)

test('a checker of Dockerfiles has nothing to say', () => {
  assert.deepEqual(
    validate(dockerfile).map(({ message }) => message),
    []
  )
})

test('images are pinned to digests, and the one that runs is not the one that is built in', () => {
  const bases = instructions.filter(({ keyword }) => keyword === 'FROM').map(({ rest }) => rest)
  assert.equal(bases.length, 2)
  for (const base of bases) assert.match(base, /^[^:@ ]+:[^@ ]+@sha256:[0-9a-f]{64}(?: AS \w+)?$/)
  assert.notEqual(bases[0]?.split(' ')[0], bases[1]?.split(' ')[0])
})

test('it runs as a user by number, not as root', () => {
  assert.deepEqual(of('USER'), ['65532:65532'])
})

test('what starts, and what asks for health, needs no shell', () => {
  for (const keyword of ['ENTRYPOINT', 'CMD']) {
    const [form = ''] = of(keyword)
    assert.ok(Array.isArray(JSON.parse(form)), keyword)
  }
  const [health = ''] = of('HEALTHCHECK')
  assert.match(health, /CMD \[/)
  assert.deepEqual(of('RUN'), [])
})

test('it says its signal and its ports, and holds nothing secret', () => {
  assert.deepEqual(of('STOPSIGNAL'), ['SIGTERM'])
  assert.deepEqual(of('EXPOSE'), ['8080 8085'])
  assert.doesNotMatch(dockerfile, /^(?:ARG|ENV) .*(?:TOKEN|SECRET|PASSWORD|KEY)/im)
  assert.doesNotMatch(dockerfile, /^(?:ADD|MAINTAINER) |:latest|--chown=root/m)
})

test('nothing of the folder is sent to the builder but what is copied', () => {
  const [first, ...others] = readFileSync(`${folder}.dockerignore`, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  assert.equal(first, '*')
  const copied = instructions
    .filter(({ keyword, rest }) => keyword === 'COPY' && !rest.startsWith('--from='))
    .flatMap(({ rest }) => rest.split(' ').slice(0, -1))
  assert.deepEqual(others.map((line) => line.slice(1)).sort(), [...new Set(copied)].sort())
})

const { services } = parse(readFileSync(`${folder}compose.yaml`, 'utf8'), { merge: true }) as {
  services: Record<string, Readonly<Record<string, unknown>>>
}

test('compose: services of ours are read-only and without rights, others are pinned to digests', () => {
  for (const [name, service] of Object.entries(services)) {
    if (service.build === undefined) assert.match(String(service.image), /@sha256:[0-9a-f]{64}$/, name)
    else {
      assert.equal(service.read_only, true, name)
      assert.deepEqual(service.cap_drop, ['ALL'], name)
      assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name)
    }
  }
})

test('compose: who waits for a service waits for one that is there, and every file that is mounted is there', () => {
  for (const [name, service] of Object.entries(services)) {
    const needed = service.depends_on ?? []
    for (const other of Array.isArray(needed) ? needed : Object.keys(needed as object))
      assert.ok(other in services, `${name} waits for ${other}`)
    for (const volume of (service.volumes ?? []) as string[])
      if (volume.startsWith('./')) readOrFolder(volume.split(':')[0] ?? '')
  }
  const grace = Number.parseInt(String(services.gateway?.stop_grace_period), 10)
  const { shutdown } = parse(readFileSync(`${folder}config/gateway.yaml`, 'utf8'))
  assert.ok(Number.parseInt(shutdown.wait, 10) + Number.parseInt(shutdown.drain, 10) < grace)
})

function readOrFolder(path: string): void {
  try {
    readFileSync(folder + path)
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'EISDIR', path)
  }
}

test('compose: the alerts and the dashboard of the gateway are fetched, and Prometheus takes them', async (t) => {
  const command = await ensureCommand(t, 'prometheus')
  if (command === null) return
  const upstream = await fakeUpstream(t, { body: 'hello' })
  const running = new Running(
    t,
    ['run', 'gateway.yaml'],
    readFileSync(`${folder}config/gateway.yaml`, 'utf8').replace('listen:\n', 'listen:\n  host: 127.0.0.1\n'),
    { PORT: '0', PROBE_PORT: '18085', UPSTREAM: upstream.url }
  )
  const url = await running.listening()
  assert.equal(await (await fetch(`${url}/hello`)).text(), 'hello')

  const generated = mkdtempSync(join(tmpdir(), 'gatewright-generated-'))
  t.after(() => rmSync(generated, { recursive: true }))
  const metrics = 'http://127.0.0.1:18085/metrics'
  const [, script = ''] = (services.generated?.entrypoint ?? []) as string[]
  await promisify(execFile)(process.execPath, [folder + script.slice(1), metrics, generated])
  const dashboard = JSON.parse(readFileSync(join(generated, 'dashboard.json'), 'utf8'))
  assert.equal(dashboard.uid, 'gatewright')
  const rules = readFileSync(join(generated, 'rules.yml'), 'utf8')
  assert.match(rules, /GatewayAvailabilityBurnFast/)

  const prometheus = await startPrometheus(t, command, { target: '127.0.0.1:18085', rules })
  for (;;) {
    const found = await prometheus.query('proxy_responses_total{route="app", class="2xx"}')
    if (found[0]?.value[1] === '1') break
  }
  assert.deepEqual(await prometheus.brokenRules(), [])
  const tool = await ensureCommand(t, 'promtool', { package: 'prometheus' })
  assert.ok(tool)
  const config = readFileSync(`${folder}monitoring/prometheus.yml`, 'utf8')
  assert.deepEqual(parse(config).rule_files, ['generated/rules.yml'])
  assert.match(
    await promtool(tool, ['check', 'config', '--syntax-only', `${folder}monitoring/prometheus.yml`]),
    /SUCCESS/
  )
})
