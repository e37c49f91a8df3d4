import assert from 'node:assert/strict'
import { test } from 'node:test'
import { misreadNumbers } from './misread-numbers.js'

for (const [text, isMisread] of [
  ['7', false],
  ['-7', false],
  ['007', false],
  ['1.50', false],
  ['1e3', false],
  ['1E-3', false],
  ['Infinity', true],
  ['-Infinity', true],
  ['1e999', true],
  ['0x10', true],
  ['0b11', true],
  [' 7', true],
  ['7\n', true],
  ['+7', true],
  ['.5', true],
  ['5.', true]
] as const)
  test(`${JSON.stringify(text)} is ${isMisread ? 'not ' : ''}a number as JSON writes it, alone and in a list`, () => {
    const expected = isMisread
      ? [{ in: 'query', pointer: '/a~1b', detail: 'must be a number as JSON writes it' }]
      : []
    const found = (read: unknown, sent: unknown) =>
      misreadNumbers('query', { 'a/b': read, other: 'text' }, () => ({ 'a/b': sent, other: 'text' }), 10)
    assert.deepEqual(found(Number(text), text), expected)
    assert.deepEqual(found([Number(text)], text), expected)
    assert.deepEqual(found(['x', Number(text)], ['x', text]), expected)
  })

test('where nothing was read as a number, nothing is compared', () => {
  const sent = () => assert.fail('asked')
  assert.deepEqual(misreadNumbers('query', { a: '0x10', b: true, c: ['Infinity'] }, sent, 10), [])
})

test('no more is told than is asked for', () => {
  const sent = () => ({ a: '0x1', b: '0x2', c: '0x3' })
  assert.equal(misreadNumbers('params', { a: 1, b: 2, c: 3 }, sent, 2).length, 2)
})
