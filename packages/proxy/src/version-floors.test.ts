import assert from 'node:assert/strict'
import test from 'node:test'
import { isOlder } from './version-floors.js'

const ROWS: [string, string, boolean][] = [
  ['7.30.1', '7.30.2', true],
  ['7.30.2', '7.30.2', false],
  ['7.30.10', '7.30.2', false],
  ['7.9.9', '7.30.2', true],
  ['8.0.0', '7.30.2', false],
  ['6.99.99', '7.30.2', true],
  ['7.30.2-rc.1', '7.30.2', false]
]
for (const [version, floor, expected] of ROWS)
  test(`${version} is ${expected ? '' : 'not '}older than ${floor}`, () =>
    assert.equal(isOlder(version, floor), expected))
