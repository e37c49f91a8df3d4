import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ACCESS_LOG_FIELDS } from './line.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

test('the README has a row for every field, in the order of the line, and no other', () => {
  const [, section = ''] = readme.split('\n## Fields\n')
  const rows = [...(section.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
  assert.deepEqual(rows, ACCESS_LOG_FIELDS)
})

test('the README lists what an attempt shows', () => {
  const row = /^\| `attempts` \|.*$/m.exec(readme)?.[0] ?? ''
  assert.deepEqual(
    [...row.matchAll(/`(\w+)`/g)].slice(1).map(([, name]) => name),
    [
      'endpoint',
      'status',
      'failure',
      'hedge',
      'cancelled',
      'reconnected',
      'queue_ms',
      'connect_ms',
      'first_byte_ms',
      'ms',
      'overdue',
      'stalled_ms'
    ]
  )
})
