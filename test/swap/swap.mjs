import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Clients } from './clients.mjs'

/**
 * Changes the configuration of a gateway every few milliseconds under traffic. Resolves to what was seen, and to what of it
 * should not be: nothing, where every request has one version and every state outlasts the changes.
 */
export async function swap({ requests, everyMs, clients: count, say = () => {} }) {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-swap-'))
  const upstreams = [await launch('upstream.mjs'), await launch('upstream.mjs')]
  const urls = upstreams.map(({ first: { port } }) => `http://127.0.0.1:${port}`)
  const env = {
    EVERY_MS: String(everyMs),
    UPSTREAMS: urls.join(),
    DEAD: `http://127.0.0.1:${await closedPort()}`,
    LOG: join(folder, 'access.log')
  }
  const gateway = await launch('gateway.mjs', env, ['--expose-gc'])
  const clients = new Clients(gateway.first.url, count)
  try {
    const before = await arrange(clients, gateway, upstreams[1])
    await gateway.ask('begin')
    const begun = performance.now()
    await clients.send(Math.ceil(requests / 10), count)
    const warm = await gateway.ask('state')
    say(`${clients.ok} of ${requests}, version ${warm.version}, heap ${warm.heapMiB.toFixed(1)} MiB`)
    await clients.send(requests - Math.ceil(requests / 10), count)
    const seconds = (performance.now() - begun) / 1_000
    const kept = await probe(clients, gateway, urls[1], before)
    await gateway.ask('stop')
    await settled(gateway)
    const after = await gateway.ask('state')
    const { ok, left, wrong, versions } = clients
    const seen = { seconds, ok, left, versions: versions.size, warm, after, kept }
    return { seen, problems: [...wrong, ...problemsOf(seen)] }
  } finally {
    clients.close()
    await gateway.end()
    await Promise.all(upstreams.map((upstream) => upstream.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Brings about what is to outlast every change: a breaker that is open, an ejection, a drain, a limit that is full. */
async function arrange(clients, gateway, slow) {
  await clients.get('/broken/x')
  for (let times = 0; times < 6; times++) await clients.get('/ejected/x')
  await gateway.ask('drain')
  const limited = [1, 2, 3, 4].map((number) => clients.get(`/limited/${number}`))
  while ((await slow.next()).held < 2);
  return { limited }
}

/** What is still as it was arranged, while changes go on. */
async function probe(clients, gateway, slow, { limited }) {
  const broken = await clients.get('/broken/x')
  const ejected = await Promise.all(Array.from({ length: 6 }, () => clients.get('/ejected/x')))
  const full = await clients.get('/limited/more')
  const { breaker, draining, limits } = await gateway.ask('state')
  const most = []
  for (let round = 0; round < 2; round++) {
    most.push(Number(await (await fetch(`${slow}/release`)).text()))
    await Promise.race(limited.slice(round * 2))
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  await fetch(`${slow}/release`)
  return {
    breaker,
    broken: JSON.parse(broken.body).reason,
    ejected: ejected.map(({ status }) => status),
    draining,
    full: full.status,
    limit: limits.find(({ key }) => key === 'pool limited'),
    atOnce: Math.max(...most),
    limited: (await Promise.all(limited)).map(({ status }) => status)
  }
}

async function settled(gateway) {
  for (let tries = 0; tries < 50; tries++) {
    const { inFlight, retiring } = await gateway.ask('state')
    if (inFlight === 0 && retiring === 0) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function* problemsOf({ warm, after, kept, versions }) {
  yield* after.unexpected
  for (const [what, found, wanted] of [
    ['requests in flight at the end', after.inFlight, 0],
    ['configurations that still retire', after.retiring, 0],
    ['the breaker', `${kept.breaker} ${kept.broken}`, 'open circuit_open'],
    ['responses past the ejection', String(new Set(kept.ejected).size === 1 && kept.ejected[0]), '200'],
    ['endpoints draining', String(kept.draining), 'true,false'],
    ['the full limit', kept.full, 503],
    ['requests at once in the limit', kept.atOnce, 2],
    ['requests that waited in the limit', String(kept.limited), '200,200,200,200'],
    ['running and waiting in the limit', `${kept.limit?.running} ${kept.limit?.waiting}`, '2 2']
  ])
    if (found !== wanted) yield `${what}: ${found}, not ${wanted}`
  if (versions < 2) yield `only ${versions} version was seen`
  if (after.heapMiB > warm.heapMiB * 1.3 + 5)
    yield `the heap grew from ${warm.heapMiB.toFixed(1)} to ${after.heapMiB.toFixed(1)} MiB`
  if (after.timers > warm.timers + 5) yield `timers grew from ${warm.timers} to ${after.timers}`
  if (after.handles > warm.handles + 10) yield `handles grew from ${warm.handles} to ${after.handles}`
  if (after.series > warm.series * 1.5) yield `series grew from ${warm.series} to ${after.series}`
}

async function closedPort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}

/** Starts a script of this folder, and waits for its first message. */
async function launch(script, env = {}, execArgv = []) {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const child = fork(path, {
    env: { ...process.env, ...env },
    execArgv: [...process.execArgv.filter(isCondition), ...execArgv]
  })
  const asked = new Map()
  const unread = []
  const readers = []
  let id = 0
  const first = await new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}`)))
  })
  child.on('message', (message) => {
    if (message.id !== undefined) {
      asked.get(message.id)?.(message.answer)
      asked.delete(message.id)
    } else if (readers.length > 0) readers.shift()(message)
    else unread.push(message)
  })
  const ask = (what) =>
    new Promise((resolve, reject) => {
      asked.set(++id, resolve)
      child.send({ id, what }, (error) => error && reject(error))
    })
  const ended = once(child, 'exit')
  return {
    first,
    ask,
    next: async () => unread.shift() ?? new Promise((resolve) => readers.push(resolve)),
    stop: () => child.kill('SIGKILL') && ended,
    async end() {
      if (child.exitCode === null) void ask('close').catch(() => {})
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
      await ended
      clearTimeout(timer)
    }
  }
}

function isCondition(argument) {
  return argument.startsWith('--conditions')
}
