import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shownTarget, shownUrl } from './shown-url.js'

for (const [url, shown] of [
  ['http://a.test', 'http://a.test'],
  ['http://a.test/base?k=1&x=2', 'http://a.test/base?k=***&x=***'],
  ['http://a.test?secret', 'http://a.test?***'],
  ['http://a.test/?a=b=c;d', 'http://a.test/?a=***;***'],
  ['http://u:p@a.test/x', 'http://***@a.test/x'],
  ['http://u:p@q@a.test/x@y', 'http://***@a.test/x@y'],
  ['http://a.test/#access_token=t', 'http://a.test/#…'],
  ['http//a.test?k=1', 'http//a.test?…'],
  ['', '']
] as const)
  test(`the URL '${url}' is shown as '${shown}'`, () => assert.equal(shownUrl(url), shown))

for (const [target, shown] of [
  ['/a/b', '/a/b'],
  ['/cb#access_token=t', '/cb#…'],
  ['/cb?code=1', '/cb?…'],
  ['/cb?code=1#x', '/cb?…'],
  ['/cb#x?code=1', '/cb#…'],
  ['http://u:p@a.test/%zz', 'http://***@a.test/%zz'],
  ['//u:p@a.test/x', '//***@a.test/x'],
  ['/a@b', '/a@b']
] as const)
  test(`the request target '${target}' is shown as '${shown}'`, () =>
    assert.equal(shownTarget(target), shown))
