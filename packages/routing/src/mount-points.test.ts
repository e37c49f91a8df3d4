import assert from 'node:assert/strict'
import { test } from 'node:test'
import { baseOf, basesOf, reaches } from './mount-points.js'

test('a route reaches a mount point when it can have a path at it or below', () => {
  for (const [path, mount, expected] of [
    ['/api/users', '/api', true],
    ['/api', '/api', true],
    ['/API/users', '/api', true],
    ['/:any/users', '/api', true],
    ['/api/*', '/api/v1', true],
    ['/*', '/api', true],
    ['^/other$', '/api', true],
    ['x/other', '/api', true],
    ['/other', '/api', false],
    ['/other/*', '/api', false],
    ['/a', '/api', false],
    ['/api', '/api/v1', false]
  ] as const)
    assert.equal(reaches(path, mount), expected, `${path} ${mount}`)
})

test('the base of a route is its first segment when that is plain and its case counts', () => {
  assert.equal(baseOf({ path: '/api/x' } as never, ''), '/api')
  assert.equal(baseOf({ path: '/in/api/x' } as never, '/in'), '/api')
  assert.equal(baseOf({ path: '/api/x' } as never, '/in'), '')
  assert.equal(baseOf({ path: '/:id/x' } as never, ''), '')
  assert.equal(baseOf({ path: '/api/x', caseSensitive: false } as never, ''), '')
  assert.deepEqual(basesOf([{ path: '/a/x' }, { path: '/a/y' }, { path: '/*' }] as never, ''), ['/a'])
})
