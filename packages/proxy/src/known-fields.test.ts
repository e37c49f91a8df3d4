import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KnownFields } from './known-fields.js'

const bytes = fc.uint8Array({ maxLength: 80 }).map((array) => Buffer.from(array))

test('a name is read in lower case and a value as it is, whatever was read before', () => {
  const known = new KnownFields()
  const few = fc
    .constantFrom('Date', 'date', 'DATE', 'etad', 'x-y', 'y-x', '')
    .map((text) => Buffer.from(text))
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.oneof(few, bytes), fc.oneof(few, bytes)), { maxLength: 60 }),
      (fields) => {
        for (const [name, value] of fields) {
          const field = known.named(name)
          assert.equal(field.name, name.toString('latin1').toLowerCase())
          assert.equal(field.textOf(value), value.toString('latin1'))
        }
      }
    )
  )
})

test('a field outlives the memory it was read from', () => {
  const known = new KnownFields()
  const name = Buffer.from('X-Reused')
  const value = Buffer.from('one')
  const field = known.named(name)
  assert.equal(field.textOf(value), 'one')
  value.write('two')
  name.write('Y')
  assert.equal(field.textOf(value), 'two')
  assert.equal(known.named(name).name, 'y-reused')
  assert.equal(known.named(Buffer.from('X-Reused')), field)
})
