import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crlf } from './crlf.js'

test('line ends of the template become CRLF and those of values stay', () => {
  assert.equal(
    crlf`GET ${'/a\nb'} HTTP/1.1
Host: ${'a'}${'\n'}
`,
    'GET /a\nb HTTP/1.1\r\nHost: a\n\r\n'
  )
})
