import assert from 'node:assert/strict'
import { once } from 'node:events'
import { renameSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { seededChance } from '@gatewright/testing'
import { eventually } from '../support/eventually.js'
import { Running } from '../support/running-command.js'

/** `CHAOS_SEED` and `CHAOS_STEPS` run it otherwise, and longer. */
const SEED = Number(process.env.CHAOS_SEED ?? 7)
const STEPS = Number(process.env.CHAOS_STEPS ?? 25)

const says = (version: number): string => `listen: { port: 0, host: 127.0.0.1 }
accessLog: false
logger: { level: info }
shutdown: { drain: 2s }
routes: [{ id: hello, path: /hello, respond: { body: v${version} } }]
`
const BROKEN: readonly string[] = [
  'routes: [',
  '',
  'routes: 3\n',
  'listen: { port: 0 }\nlisten: { port: 1 }\n',
  `${says(0)}routs: []\n`,
  '\0\0\0\0',
  `${says(0)}include: gone.yaml\n`
]

/** What a connection of its own gets. */
async function ask(url: string): Promise<string> {
  const asked = request(`${url}/hello`, { agent: false, signal: AbortSignal.timeout(20_000) }).end()
  const [response] = await once(asked, 'response')
  let body = `${response.statusCode} `
  for await (const chunk of response) body += chunk
  return body
}

test(`files that are written, broken, swapped, deleted, linked and touched, and signals between, fail no request of two workers (seed ${SEED})`, {
  timeout: 120_000 + STEPS * 2_000
}, async (t) => {
  const chance = seededChance(SEED)
  const below = (count: number): number => Math.floor(chance() * count)
  const running = new Running(t, ['run', '--workers', '2'], says(0))
  const url = await running.printed(/"url":"([^"]+)","msg":"the workers serve"/)
  const file = join(running.cwd, 'gateway.yaml')
  const beside = (text: string): string => {
    const path = join(running.cwd, `.${below(1e9)}.yaml`)
    writeFileSync(path, text)
    return path
  }
  let version = 0
  const right = new Set(['200 v0'])
  const next = (): string => {
    right.add(`200 v${++version}`)
    return says(version)
  }
  const link = (text: string): void => {
    const to = join(running.cwd, `.link${below(1e9)}`)
    symlinkSync(beside(text), to)
    renameSync(to, file)
  }
  const steps: readonly (() => void)[] = [
    () => writeFileSync(file, next()),
    () => renameSync(beside(next()), file),
    () => link(next()),
    () => writeFileSync(file, BROKEN[below(BROKEN.length)] ?? ''),
    () => link(BROKEN[below(BROKEN.length)] ?? ''),
    () => rmSync(file, { force: true }),
    () => link(''),
    () => {
      try {
        truncateSync(file, 20)
      } catch {
        // It is not there.
      }
    },
    () => {
      try {
        utimesSync(file, below(1e9), below(1e9))
      } catch {
        // It is not there.
      }
    },
    () => running.signal('SIGHUP'),
    () => running.signal('SIGUSR2')
  ]
  let isOver = false
  const wrong: string[] = []
  const clients = Array.from({ length: 3 }, async () => {
    while (!isOver) {
      const got = await ask(url).catch((error) => String(error))
      if (!right.has(got)) wrong.push(got)
      await delay(10)
    }
  })
  for (let step = 0; step < STEPS; step++) {
    steps[below(steps.length)]?.()
    await delay(below(600))
  }
  rmSync(file, { force: true })
  writeFileSync(file, next())
  await eventually(async () => {
    for (let i = 0; i < 4; i++) assert.equal(await ask(url), `200 v${version}`)
  }, 60_000)
  isOver = true
  await Promise.all(clients)
  assert.deepEqual(wrong, [], running.last(/.+/gs))
  running.signal('SIGTERM')
  assert.equal((await running.ended()).code, 0)
})
