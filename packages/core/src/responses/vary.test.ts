import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addVary } from './vary.js'

for (const [before, names, after] of [
  [undefined, 'Origin', 'Origin'],
  ['', 'Origin', 'Origin'],
  ['Accept', 'Origin', 'Accept, Origin'],
  ['accept, ORIGIN', 'Origin', 'accept, ORIGIN'],
  ['Origin', 'Origin, Accept', 'Origin, Accept'],
  ['*', 'Origin', '*'],
  ['Accept, *', 'Origin', 'Accept, *'],
  [['Accept', 'Cookie'], 'Origin', 'Accept, Cookie, Origin'],
  [['Accept', 'origin'], 'Origin', ['Accept', 'origin']],
  [' , Accept,', 'Origin', ' , Accept,, Origin']
] as const)
  test(`'${String(before)}' with '${names}' is '${String(after)}', each time`, () => {
    let value: unknown = before
    const reply = {
      getHeader: () => value,
      header(_name: string, next: unknown) {
        value = next
        return this
      }
    }
    for (let n = 0; n < 2; n++) addVary(reply as never, names)
    assert.deepEqual(value, after)
  })
