import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeTeam, refuses, SILENCE, wellAnswered } from './fake-workers.js'

test('a worker that crashes is replaced by one with its number', async () => {
  const team = fakeTeam()
  await team.start()
  team.workers[1]?.end(null, 'SIGSEGV')
  await team.settle()
  assert.equal(team.workers.length, 3)
  assert.deepEqual(team.workers[2]?.heard[0]?.body, { base: null, source: '', processes: 2, worker: 2 })
  assert.ok(team.lines.some((line) => /a worker has ended, and is replaced .*"SIGSEGV"/.test(line)))
})

test('a worker that crashes again and again is started ever later', async () => {
  const team = fakeTeam()
  await team.start({ count: 1 })
  const startedAt: number[] = []
  for (let crashes = 0; crashes < 5; crashes++) {
    const before = team.workers.length
    team.workers.at(-1)?.end(1)
    const since = team.time.now()
    await team.settle()
    while (team.workers.length === before) await team.pass(10)
    startedAt.push(Math.floor((team.time.now() - since) / 100))
    await team.settle()
  }
  assert.deepEqual(startedAt.slice(0, 2), [0, 1])
  assert.ok(
    (startedAt[2] ?? 0) >= 2 && (startedAt[3] ?? 0) >= 4 && (startedAt[4] ?? 0) >= 8,
    startedAt.join()
  )
  // One that has served for long was no failure.
  await team.pass(10_000)
  team.workers.at(-1)?.end(1)
  await team.settle()
  assert.equal(team.workers.length, 7)
})

test('what the first worker cannot start with is said once, and nothing else is started', async () => {
  const team = fakeTeam()
  team.next = { answer: () => refuses('gateway.yaml:1: wrong') }
  await assert.rejects(team.start(), { message: 'gateway.yaml:1: wrong', kind: 'change' })
  assert.equal(team.workers.length, 1)
})

test('a first worker that ends without a word is tried five times', async () => {
  const team = fakeTeam()
  team.next = { greets: false }
  const started = team.start()
  started.catch(() => {})
  for (let tries = 1; tries <= 5; tries++) {
    await team.settle()
    assert.equal(team.workers.length, tries)
    team.workers.at(-1)?.end(139)
    await team.pass(5_000)
  }
  await assert.rejects(started, { message: 'it has ended with exit code 139', kind: '' })
})

test('where no worker serves and none can be started, they are given up with exit code 3', async () => {
  const team = fakeTeam()
  const workers = await team.start()
  team.next = { answer: () => refuses('the port is taken') }
  for (const worker of [...team.workers]) worker.end(1)
  await team.pass(60_000)
  assert.equal(await workers.closed, 3)
  assert.ok(team.workers.length <= 2 + 6, String(team.workers.length))
})

test('while one serves, others that cannot be started are tried for ever, at most every half a minute', async () => {
  const team = fakeTeam()
  const workers = await team.start()
  team.next = { answer: () => refuses('no memory') }
  team.workers[0]?.end(1)
  await team.pass(600_000)
  assert.ok(team.workers.length > 20 && team.workers.length < 40, String(team.workers.length))
  team.next = {}
  await team.pass(60_000)
  assert.deepEqual(workers.pids.length, 2)
})

test('a worker that gives no sign of life is killed and replaced', async () => {
  const team = fakeTeam()
  await team.start()
  const [first, second] = team.workers
  Object.assign(first as object, { send() {} })
  await team.pass(9_000)
  assert.equal(first?.killed, false)
  await team.pass(6_000)
  assert.deepEqual([first?.killed, second?.killed, team.workers.length], [true, false, 3])
})

test('a change is taken over by all, once all have made it ready', async () => {
  const team = fakeTeam()
  const workers = await team.start()
  assert.deepEqual(await workers.change('v2', 'b.yaml'), { applied: true, revision: 2, needsRestart: [] })
  for (const { types, heard } of team.workers) {
    assert.deepEqual(types, ['start', 'prepare', 'commit'])
    assert.deepEqual([heard[1]?.text, heard[1]?.body], ['v2', { source: 'b.yaml' }])
  }
})

test('where one refuses a change, none takes it over', async () => {
  const team = fakeTeam()
  const workers = await team.start({ count: 1 })
  team.next = {
    answer: (type) =>
      type === 'prepare' ? refuses('routes[0]: wrong') : wellAnswered(team.workers[1] as never, type)
  }
  team.workers[0]?.channel.tell('leave')
  await team.settle()
  assert.deepEqual(await workers.change('v2'), { applied: false, problems: 'routes[0]: wrong' })
  assert.equal(team.workers[1]?.types.includes('commit'), false)
  assert.equal(workers.revision, 1)
})

test('a worker that ends while it makes a change ready is replaced, and the change is tried again', async () => {
  const team = fakeTeam()
  const workers = await team.start()
  const [first, second] = team.workers
  Object.assign(second as object, { send: () => second?.end(null, 'SIGKILL') })
  const changed = await workers.change('v2')
  assert.deepEqual(changed, { applied: true, revision: 2, needsRestart: [] })
  assert.deepEqual(first?.types, ['start', 'prepare', 'abandon', 'prepare', 'commit'])
  await team.settle()
  // The one in its place has the version that holds by then.
  assert.equal(team.workers[2]?.heard[0]?.text, 'v2')
})

test('a worker that starts while a change is made waits for it, and has what holds then', async () => {
  const team = fakeTeam()
  const workers = await team.start()
  let decide = (): void => {}
  const decided = new Promise<void>((resolve) => {
    decide = resolve
  })
  team.next = {
    async answer(type) {
      if (type === 'prepare') await decided
      return wellAnswered(team.workers[2] as never, type)
    }
  }
  team.workers[1]?.end(1)
  await team.settle()
  const changed = workers.change('v2')
  await team.settle()
  team.workers[0]?.end(1)
  await team.settle()
  assert.equal(team.workers.length, 3)
  decide()
  await team.settle()
  assert.equal((await changed).applied, true)
  await team.settle()
  assert.equal(team.workers[3]?.heard[0]?.text, 'v2')
})

test('a worker that does not take over what it had made ready is ended, and replaced by one that has it', async () => {
  const team = fakeTeam()
  team.next = {
    answer: (type) => (type === 'commit' ? SILENCE : wellAnswered(team.workers[0] as never, type))
  }
  const workers = await team.start({ count: 1 })
  team.next = {}
  const changed = workers.change('v2')
  await team.settle()
  await team.pass(10_000)
  assert.equal((await changed).applied, true)
  assert.equal(team.workers[0]?.killed, true)
  await team.settle()
  assert.equal(team.workers[1]?.heard[0]?.text, 'v2')
})

test('what needs a restart keeps its value in replacements, until all are started anew', async () => {
  const team = fakeTeam()
  team.next = {
    answer: (type) =>
      type === 'commit'
        ? { body: { needsRestart: ['listen'] } }
        : wellAnswered(team.workers[0] as never, type)
  }
  const workers = await team.start({ count: 1 })
  team.next = {}
  assert.deepEqual(await workers.change('v2'), { applied: true, revision: 2, needsRestart: ['listen'] })
  team.workers[0]?.end(1)
  await team.settle()
  const orders = (): unknown => {
    const [start] = team.workers.at(-1)?.heard ?? []
    return [start?.text, (start?.body as { base?: unknown } | undefined)?.base]
  }
  assert.deepEqual(orders(), ['v2', 'v1'])
  await workers.restart()
  assert.deepEqual(orders(), ['v2', null])
})

test('a restart starts one after another, and lets each go when the next serves', async () => {
  const team = fakeTeam()
  const workers = await team.start()
  const restarted = workers.restart()
  await team.settle()
  await restarted
  const [first, second, third, fourth] = team.workers
  assert.deepEqual([first?.gone, second?.gone, third?.gone, fourth?.gone], [true, true, false, false])
  assert.deepEqual(first?.heard.at(-1), { type: 'stop', text: '', body: { waitMs: 1_000, announce: true } })
  assert.deepEqual(workers.pids, [3, 4])
})

test('a restart that fails ends there, and the workers go on', async () => {
  const team = fakeTeam()
  const workers = await team.start()
  team.next = { answer: () => refuses('the new port is taken') }
  await assert.rejects(workers.restart(), /the new port is taken/)
  assert.deepEqual(workers.pids, [1, 2])
  assert.ok(team.workers.slice(0, 2).every(({ types }) => types.join() === 'start'))
})

test('stages of stopping are told, and a worker that takes longer than its stage is killed', async () => {
  const team = fakeTeam()
  team.next = { answer: (type) => (type === 'stop' ? {} : wellAnswered(team.workers[0] as never, type)) }
  const workers = await team.start()
  const stopped = workers.stop()
  await team.settle()
  team.workers[0]?.channel.tell('stage', { stage: 'draining', inFlight: 3, mostMs: 20_000 })
  team.workers[1]?.channel.tell('stage', { stage: 'draining', inFlight: 0, mostMs: 20_000 })
  await team.settle()
  team.workers[1]?.end(0)
  await team.pass(20_000)
  assert.equal(team.workers[0]?.killed, false)
  await team.pass(5_000)
  assert.equal(team.workers[0]?.killed, true)
  await stopped
  assert.equal(await workers.closed, 1)
  assert.deepEqual(team.stages, ['1 draining', '2 draining'])
  assert.equal(team.workers.length, 2)
})

test('workers that stop as they should end with 0; one that crashes meanwhile is not replaced', async () => {
  const well = fakeTeam()
  const workers = await well.start()
  await workers.stop()
  assert.equal(await workers.closed, 0)
  const bad = fakeTeam()
  bad.next = { answer: (type) => (type === 'stop' ? {} : wellAnswered(bad.workers[0] as never, type)) }
  const others = await bad.start()
  void others.stop()
  await bad.settle()
  for (const worker of bad.workers) worker.end(null, 'SIGSEGV')
  assert.equal(await others.closed, 1)
  assert.equal(bad.workers.length, 2)
})

test('what is cut off has two seconds', async () => {
  const team = fakeTeam()
  team.next = { answer: (type) => (type === 'stop' ? {} : wellAnswered(team.workers[0] as never, type)) }
  const workers = await team.start()
  void workers.stop()
  await team.settle()
  workers.cutOff()
  await team.settle()
  assert.equal(team.workers[0]?.types.at(-1), 'cut-off')
  await team.pass(2_000)
  assert.equal(await workers.closed, 1)
  assert.ok(team.workers.every(({ killed }) => killed))
})

test('the primary survives whatever its workers say', async () => {
  const team = fakeTeam()
  const workers = await team.start()
  for (const message of [
    null,
    'x',
    7,
    { gatewright: 'ask', id: 1, type: '__proto__', body: null },
    { gatewright: 'ask', id: 2, type: 'gather', body: null },
    { gatewright: 'ask', id: 2, type: 'probes', body: { probes: { port: 'x' }, host: 7 } },
    { gatewright: 'answer', id: 999, type: 'start', body: {} },
    { gatewright: 'tell', id: 1, type: 'stage', body: { stage: 7, inFlight: 'x', mostMs: -1 } },
    { gatewright: 'tell', id: 1, type: 'metrics', body: null, text: '{{{' },
    { gatewright: 'tell', id: 1, type: 'hello', body: null }
  ])
    team.workers[0]?.utter(message)
  await team.settle()
  assert.deepEqual(workers.pids, [1, 2])
  assert.equal((await workers.change('v2')).applied, true)
})

test('a scrape has the sum of all workers, of those that are gone too, and the figures of the primary', async () => {
  const team = fakeTeam()
  const workers = await team.start()
  workers.gauges.push({
    name: 'stale',
    help: 'Age.',
    type: 'gauge',
    labels: ['source'],
    read: (show) => show(3, 'a"b\\')
  })
  const scrape = async (): Promise<string> => {
    const asked = team.workers.at(-1)?.channel.ask('gather', 10_000, { format: 'prometheus' })
    await team.settle()
    return (await asked)?.text ?? ''
  }
  assert.match(await scrape(), /^a_total 3$/m)
  team.workers[0]?.end(1)
  await team.settle()
  const text = await scrape()
  // What the first has counted, the second, and the one that has come for the first.
  assert.match(text, /^a_total 6$/m)
  assert.match(text, /^stale\{source="a\\"b\\\\"\} 3$/m)
  assert.match(text, /^proxy_workers_replaced_total\{because="crash"\} 1$/m)
  assert.match(text, /^proxy_worker_up\{worker="1"\} 1$/m)
})

test('a worker that does not answer a scrape counts as before, and is shown to be away', async () => {
  const team = fakeTeam()
  await team.start()
  const scrape = async (): Promise<string> => {
    const asked = team.workers[1]?.channel.ask('gather', 10_000, {})
    await team.settle()
    await team.pass(4_000)
    return (await asked)?.text ?? ''
  }
  await scrape()
  Object.assign(team.workers[0] as object, { send() {} })
  const text = await scrape()
  assert.match(text, /^a_total 3$/m)
  assert.match(text, /^proxy_worker_up\{worker="1"\} 0\nproxy_worker_up\{worker="2"\} 1$/m)
})
