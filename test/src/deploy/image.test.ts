import assert from 'node:assert/strict'
import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { fakeUpstream } from '@gatewright/testing'
import { ensureCommand } from '../support/debian.js'
import { freePort } from '../support/free-port.js'
import { buildImage, confined } from '../support/oci-image.js'
import { packPackages } from '../support/packed-packages.js'
import { root } from '../support/workspace.js'

const execute = promisify(execFile)
const example = `${root}examples/docker/`

/** A copy of the example whose packages are this repository's. Their tarballs are in a folder apart. */
function userFolder(t: TestContext): { readonly context: string; readonly tarballs: string } {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-docker-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const [context, tarballs] = [join(folder, 'context'), join(folder, 'tarballs')]
  cpSync(example, context, { recursive: true, filter: (path) => !path.includes('node_modules') })
  mkdirSync(tarballs)
  const dependencies = Object.fromEntries(
    packPackages(tarballs).map(({ manifest, file }) => [manifest.name, `file:${file}`])
  )
  writeFileSync(
    join(context, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies })
  )
  cpSync(tarballs, context, { recursive: true })
  const npm = (...args: string[]) =>
    execFileSync(
      'npm',
      ['install', '--package-lock-only', '--no-audit', '--no-fund', '--loglevel=error', ...args],
      {
        cwd: context,
        stdio: ['ignore', 'pipe', 'pipe']
      }
    )
  try {
    npm('--offline')
  } catch {
    npm()
  }
  return { context, tarballs }
}

test('the image is built, says how it runs, answers from a root that cannot be written, and drains', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('NOT RUN: only root can change its root folder')
  const umoci = await ensureCommand(t, 'umoci')
  const skopeo = await ensureCommand(t, 'skopeo')
  if (umoci === null || skopeo === null) return
  const { context, tarballs } = userFolder(t)
  const image = await buildImage(t, {
    dockerfile: readFileSync(join(context, 'Dockerfile'), 'utf8'),
    context,
    besides: { dependencies: tarballs },
    umoci
  })

  const { stdout } = await execute(skopeo, ['inspect', '--config', `oci:${image.reference}`])
  const { config } = JSON.parse(stdout)
  assert.equal(config.User, '65532:65532')
  assert.equal(config.StopSignal, 'SIGTERM')
  assert.equal(config.WorkingDir, '/app')
  assert.deepEqual(Object.keys(config.ExposedPorts).sort(), ['8080/tcp', '8085/tcp'])
  assert.ok(config.Env.includes('NODE_ENV=production'))
  assert.deepEqual(config.Cmd, ['run', '/etc/gatewright/gateway.yaml'])

  const unpacked = mkdtempSync(join(tmpdir(), 'gatewright-unpacked-'))
  t.after(() => rmSync(unpacked, { recursive: true, force: true }))
  await execute(umoci, ['unpack', '--image', image.reference, join(unpacked, 'bundle')])
  const [before = '', ...confinement] = confined(join(unpacked, 'bundle/rootfs'), config.User)
  const upstream = await fakeUpstream(t, { body: 'from the app' })
  const [port, probes] = [await freePort(), await freePort()]
  const env = {
    PORT: String(port),
    PROBE_PORT: String(probes),
    UPSTREAM: upstream.url,
    NODE_ENV: 'production'
  }
  // chroot begins in the root folder; a container in WORKDIR.
  const command = [...config.Entrypoint, ...config.Cmd].map((word: string) =>
    word.startsWith('node_modules/') ? `${config.WorkingDir}/${word}` : word
  )
  const child = spawn(before, [...confinement, ...command], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      output += text
    })
  const exit = once(child, 'exit')
  while (!output.includes('listening at'))
    await Promise.race([once(child.stdout, 'data'), ended(exit, () => output)])

  const answer = await fetch(`http://127.0.0.1:${port}/orders/7`)
  assert.deepEqual([answer.status, await answer.text()], [200, 'from the app'])
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  assert.match(status, /^Uid:\s+65532\s/m)
  const health = image.healthCommand.map((word) => word.replace('8085', String(probes)))
  await execute(before, [...confinement, ...health], { env: { PATH: process.env.PATH } })
  const touch = "require('node:fs').writeFileSync('/tmp/x', '')"
  await assert.rejects(
    execute(before, [...confinement, '/nodejs/bin/node', '-e', touch], { env: { PATH: process.env.PATH } }),
    /EROFS/
  )

  child.kill(config.StopSignal)
  while (!output.includes('draining'))
    await Promise.race([once(child.stderr, 'data'), ended(exit, () => output)])
  assert.deepEqual(await exit, [0, null])
  await assert.rejects(execute(before, [...confinement, ...health], { env: { PATH: process.env.PATH } }))
})

async function ended(exit: Promise<unknown[]>, output: () => string): Promise<never> {
  const [code] = await exit
  throw new Error(`ended with ${code}:\n${output()}`)
}
