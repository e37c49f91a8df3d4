import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnyHook, StepPlace } from './pipeline.js'
import { StepPlan } from './step-plan.js'

const admission: AnyHook = () => {}

test('the steps of a phase run by their place, whoever came first', () => {
  const steps = new StepPlan()
  const places: readonly (StepPlace | undefined)[] = [
    'last',
    undefined,
    'identity',
    'policy',
    'admitted',
    'arrival'
  ]
  for (const place of places)
    steps.add(null, {
      name: place ?? 'no place',
      phase: 'onRequest',
      ...(place && { place }),
      run: (_request, _reply, done) => done()
    })
  assert.deepEqual(steps.pipelineOf(null, null, admission).names, [
    'onRequest: arrival',
    'onRequest: admission',
    'onRequest: admitted',
    'onRequest: identity',
    'onRequest: no place',
    'onRequest: policy',
    'onRequest: last'
  ])
})

test('steps of one place run in the order in which they were added', () => {
  const steps = new StepPlan()
  for (const name of ['first', 'second'])
    steps.add(null, { name, phase: 'onSend', run: async () => undefined })
  assert.deepEqual(steps.pipelineOf(null, null, null).names, ['onSend: first', 'onSend: second'])
})
