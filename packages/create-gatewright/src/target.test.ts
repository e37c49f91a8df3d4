import assert from 'node:assert/strict'
import { test } from 'node:test'
import { packageNameFor, problemOfName, resolveTarget } from './target.js'

const NAMES: readonly [folder: string, name: string][] = [
  ['my-gateway', 'my-gateway'],
  ['My Gateway', 'my-gateway'],
  ['Tor für Anfragen', 'tor-fur-anfragen'],
  ['.hidden', 'hidden'],
  ['a_b.c', 'a_b.c'],
  ['网关', 'my-gateway'],
  ['node_modules', 'my-gateway'],
  ['ReactJS', 'reactjs']
]
for (const [folder, name] of NAMES)
  test(`a folder '${folder}' makes a package '${name}'`, () => {
    assert.equal(packageNameFor(folder), name)
  })

for (const name of ['', 'A', 'a b', '.a', '_a', '@a', '@a/b/c', 'node_modules', 'a'.repeat(215)])
  test(`'${name.slice(0, 20)}' is no name for a package`, () => {
    assert.notEqual(problemOfName(name), null)
  })

for (const name of ['a', 'my-gateway', '@acme/gateway', '2', 'a.b_c~d'])
  test(`'${name}' is a name for a package`, () => {
    assert.equal(problemOfName(name), null)
  })

test('a name with a scope is that of the package, and the folder has what follows', () => {
  assert.deepEqual(resolveTarget('@acme/gateway', null, '/x'), {
    folder: '/x/gateway',
    name: '@acme/gateway'
  })
})

test('a dot is the folder itself', () => {
  assert.deepEqual(resolveTarget('.', null, '/x/edge'), { folder: '/x/edge', name: 'edge' })
})

test('a name that npm would refuse says what to give', () => {
  assert.throws(() => resolveTarget('edge', 'Edge', '/x'), /lower case.*--name/)
  assert.throws(() => resolveTarget('@Acme/edge', null, '/x'), /lower case.*--name/)
})

test('a folder without a name is refused', () => {
  for (const written of ['', ' ', '\t']) assert.throws(() => resolveTarget(written, null, '/x'), /is empty/)
})
