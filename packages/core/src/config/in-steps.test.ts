import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectProblems, finish, type InSteps, isInSteps, PAUSE } from './in-steps.js'

function* counted(steps: number): InSteps<number> {
  let done = 0
  for (; done < steps; done++) yield
  return done
}

test('a result in steps is known, and finished at once where nobody waits', () => {
  assert.equal(isInSteps(counted(3)), true)
  for (const other of [undefined, null, 5, {}, [], Promise.resolve()]) assert.equal(isInSteps(other), false)
  assert.equal(finish(counted(3)), 3)
  assert.equal(finish(counted(0)), 0)
})

test('pauses are taken, and are no problems', () => {
  const problems: string[] = ['first']
  const steps = collectProblems(['a', PAUSE, PAUSE, 'b'], problems)
  let pauses = 0
  while (steps.next().done !== true) pauses++
  assert.equal(pauses, 2)
  assert.deepEqual(problems, ['first', 'a', 'b'])
})
