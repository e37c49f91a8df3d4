import assert from 'node:assert/strict'
import { test } from 'node:test'

const { swap } = await import(new URL('../../swap/swap.mjs', import.meta.url).href)

test('under changes of the configuration every request has one of them whole, and state outlasts them all', async () => {
  const { seen, problems } = await swap({ requests: 4_000, everyMs: 40, clients: 16 })
  assert.deepEqual(problems, [])
  const { applied, refused, dryRuns, thrown } = seen.after
  for (const [what, count] of Object.entries({ applied, refused, dryRuns, thrown }))
    assert.ok(count > 0, `${what}: ${count}`)
  assert.ok(seen.ok >= 4_000, `${seen.ok} responses`)
})
