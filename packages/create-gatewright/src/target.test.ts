import assert from 'node:assert/strict'
import { test } from 'node:test'
import { packageNameFor, problemOfName, resolveTarget } from './target.js'
import { Refusal } from './terminal.js'

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

/** The same texts with every run: letters, digits and what paths, shells and npm take for more. */
function* oddTexts(count: number): Generator<string> {
  const parts = [...'abzAZ09 ._-~/\\@#%&?*:;<>|"\'$!()[]{}\t\u0000\u0301éß网🙂']
  let seed = 20
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }
  for (let n = 0; n < count; n++)
    yield Array.from({ length: next(n % 100 === 0 ? 300 : 12) }, () => parts[next(parts.length)]).join('')
}

test('whatever a folder is called, the package has a name that npm takes, or the command says what is wrong', () => {
  for (const text of oddTexts(20_000)) {
    assert.equal(problemOfName(packageNameFor(text)), null, text)
    try {
      const { folder, name } = resolveTarget(text, null, '/x')
      assert.ok(folder.startsWith('/') && problemOfName(name) === null, text)
    } catch (error) {
      assert.ok(error instanceof Refusal, `${text}: ${error}`)
    }
  }
})
