import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeUpstream } from './fake-upstream.js'
import { rawClient } from './raw-client.js'

test("the kit cleans up by Vitest's onTestFinished, last thing first", async () => {
  const cleanUps: (() => unknown)[] = []
  const t = { onTestFinished: (cleanUp: () => unknown) => void cleanUps.push(cleanUp) }
  const upstream = await fakeUpstream(t)
  const client = await rawClient(upstream.port, { t })
  const connection = await upstream.connection(1)
  for (const cleanUp of cleanUps.reverse()) await cleanUp()
  await Promise.all([client.closed, connection.closed])
  await assert.rejects(rawClient(upstream.port), { code: 'ECONNREFUSED' })
})
