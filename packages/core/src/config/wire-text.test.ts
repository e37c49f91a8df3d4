import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wireText } from './wire-text.js'

const onWire = (text: string): string => Buffer.from(text).toString('latin1')

test('UTF-8 in a header is read as such, and what is none stays Latin-1', () => {
  for (const text of ['plain', 'Grüße', '日本語', '😀 é', '']) assert.equal(wireText(onWire(text)), text)
  assert.equal(wireText('caf\xe9'), 'café')
  assert.equal(wireText('Gr\xc3\xbc\xdf'), 'Gr\xc3\xbc\xdf')
})

test('text that was decoded already, or is none of the wire’s, stays as it is', () => {
  assert.equal(wireText('日本語 é'), '日本語 é')
})
