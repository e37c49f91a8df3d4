import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type EventDescription, Events } from '@gatewright/core'
import { type BreakerChanged, describeBreakerEvents } from './events.js'

test('a change of a breaker is put into words, and an open one is a failure of whoever opened it', () => {
  const events = new Events()
  let breaker: EventDescription<BreakerChanged> | undefined
  describeBreakerEvents(events)
  events.each((name, description) => {
    if (name === 'breaker') breaker = description as EventDescription<BreakerChanged>
  })
  const pool = { id: 'users' } as BreakerChanged['pool']
  const opened = { pool, routeId: null, from: 'closed', to: 'open', because: '3 of 3 failed' } as const
  const later = { ...opened, routeId: 'r', from: 'open', to: 'half_open', because: 'time' } as const
  assert.deepEqual(
    [opened, later].map((change) => [breaker?.note?.(change), breaker?.isFailure?.(change)]),
    [
      ['breaker of pool users: closed → open: 3 of 3 failed', true],
      ['breaker of route r: open → half_open: time', false]
    ]
  )
})
