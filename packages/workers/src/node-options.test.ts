import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { nodeOptionsFor, workerNodeOptions } from './node-options.js'

test('each line of Node has the option that was measured, and others none', () => {
  assert.deepEqual(
    [18, 20, 22, 24, 26].map((major) => nodeOptionsFor(major).join(' ')),
    ['', '--no-memory-reducer', '--no-memory-reducer', '--external-memory-accounted-in-global-limit', '']
  )
})

test('workers have the options of the primary, and its word holds', () => {
  assert.deepEqual(workerNodeOptions(['--trace-warnings'], '20.19.0'), [
    '--trace-warnings',
    '--no-memory-reducer'
  ])
  assert.deepEqual(workerNodeOptions(['--memory-reducer'], '20.19.0'), ['--memory-reducer'])
  assert.deepEqual(workerNodeOptions(['--no_memory_reducer'], '22.1.0'), ['--no_memory_reducer'])
})

test('this Node takes the options of its line', () => {
  assert.equal(spawnSync(process.execPath, [...workerNodeOptions([]), '-e', '0']).status, 0)
})
