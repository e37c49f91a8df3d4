import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { RewriteConfig } from '../config/config.js'
import { readPath } from '../model/path.js'
import type { Params } from '../model/route.js'
import { checkRewrite, compileRewrite } from './rewrite.js'

interface Case {
  readonly config: RewriteConfig
  readonly prefix?: string
  readonly params?: Params
  readonly paths: Readonly<Record<string, string>>
}

const CASES: Readonly<Record<string, Case>> = {
  'an empty rewrite changes nothing': { config: {}, prefix: '/api', paths: { '/api/x': '/api/x' } },
  'stripPrefix true removes the matched prefix and leaves a slash': {
    config: { stripPrefix: true },
    prefix: '/api',
    paths: { '/api': '/', '/api/': '/', '/api/x': '/x', '/api/x/': '/x/', '/api/api/x': '/api/x' }
  },
  'stripPrefix true removes nothing where every path matched': {
    config: { stripPrefix: true },
    prefix: '',
    paths: { '/': '/', '/a/b': '/a/b' }
  },
  'stripPrefix true counts parameters of the prefix as segments': {
    config: { stripPrefix: true },
    prefix: '/t/:tenant',
    paths: { '/t/acme': '/', '/t/acme/x': '/x', '/t/a%2Fb/x': '/x' }
  },
  'stripPrefix true removes a prefix that was spelled in another case': {
    config: { stripPrefix: true },
    prefix: '/Api',
    paths: { '/API/x': '/x' }
  },
  'stripPrefix false removes nothing': {
    config: { stripPrefix: false },
    prefix: '/api',
    paths: { '/api/x': '/api/x' }
  },
  'stripPrefix with a text removes whole segments only, and only where they are': {
    config: { stripPrefix: '/v1/' },
    paths: { '/v1': '/', '/v1/x': '/x', '/v10/x': '/v10/x', '/x/v1': '/x/v1' }
  },
  'addPrefix joins with one slash': {
    config: { addPrefix: '/base/' },
    paths: { '/': '/base/', '/x': '/base/x' }
  },
  'addPrefix comes after stripPrefix': {
    config: { stripPrefix: true, addPrefix: '/new' },
    prefix: '/old',
    paths: { '/old': '/new/', '/old/x': '/new/x' }
  },
  "addPrefix '/' adds nothing": { config: { addPrefix: '/' }, paths: { '/x': '/x' } },
  'set replaces the path and encodes each parameter as one segment': {
    config: { set: '/users/:id/files/:name.txt' },
    params: { id: 'a/../b?c#d', name: 'ä %2F' },
    paths: { '/any': '/users/a%2F..%2Fb%3Fc%23d/files/%C3%A4%20%252F.txt' }
  },
  "set keeps the slashes of '*' and encodes what is between them": {
    config: { set: '/files/*/raw' },
    params: { '*': 'a b/c;d/é' },
    paths: { '/any': '/files/a%20b/c%3Bd/%C3%A9/raw' }
  },
  'set takes a colon inside a segment, and after a parameter, as it is': {
    config: { set: '/v1/users:batch/:id:cancel' },
    params: { id: '7', batch: 'no' },
    paths: { '/any': '/v1/users:batch/7:cancel' }
  },
  'set reads own parameters only, and an absent one as nothing': {
    config: { set: '/x/:constructor/:id' },
    params: {},
    paths: { '/any': '/x//' }
  },
  'set without parameters': { config: { set: '/health' }, paths: { '/any': '/health' } },
  'regex replaces the first match, with groups by number and name': {
    config: { regex: { pattern: '^/v(\\d+)/(?<rest>.*)', replacement: '/$<rest>/v$1' } },
    paths: { '/v2/users': '/users/v2', '/users': '/users' }
  },
  'regex leaves a path that begins with a slash': {
    config: { regex: { pattern: '^/old/?', replacement: '' } },
    paths: { '/old': '/', '/old/x': '/x' }
  },
  'regex sees the canonical path and leaves its escapes alone': {
    config: { regex: { pattern: '^/(.*)%20(.*)$', replacement: '/$2/$1' } },
    paths: { '/a%20b%2F': '/b%2F/a' }
  }
}

for (const [name, { config, prefix = '', params = null, paths }] of Object.entries(CASES))
  test(name, () => {
    assert.deepEqual([...checkRewrite(config, 'rewrite')], [])
    const rewrite = compileRewrite(config, prefix)
    for (const [path, expected] of Object.entries(paths)) assert.equal(rewrite(path, params), expected, path)
  })

test('set without any parameters to read stands on its own', () => {
  assert.equal(compileRewrite({ set: '/a/:id/*' }, '')('/x', null), '/a//')
})

const PROBLEMS: readonly (readonly [RewriteConfig, ...RegExp[]])[] = [
  [{ stripPrefix: true, set: '/x' }, /^rewrite: give at most one of stripPrefix\/addPrefix, set and regex$/],
  [{ addPrefix: '/x', regex: { pattern: '^/a', replacement: '/' } }, /at most one/],
  [{ set: '/x', regex: { pattern: '^/a', replacement: '/' } }, /at most one/],
  [{ stripPrefix: 'api' }, /^rewrite\.stripPrefix: 'api' must be a canonical path$/],
  [{ addPrefix: '/a/../b' }, /^rewrite\.addPrefix: '\/a\/\.\.\/b' must be a canonical path$/],
  [{ set: '/a?b=1' }, /^rewrite\.set: .* must be a canonical path$/],
  [{ set: '/a#b' }, /canonical/],
  [{ set: '/a b' }, /canonical/],
  [{ set: '/käse' }, /canonical/],
  [{ set: '/a/x*' }, /^rewrite\.set: '\/a\/x\*' may have '\*' only as a whole segment$/],
  [
    { regex: { pattern: '(', replacement: '/' } },
    /^rewrite\.regex\.pattern: '\(' is not a regular expression$/
  ],
  [{ regex: { pattern: '^/(a|a)*$', replacement: '/' } }, /could take more than linear time/],
  [
    { regex: { pattern: '^/a', replacement: '/x?y' } },
    /^rewrite\.regex\.replacement: '\/x\?y' must not have/
  ],
  [{ regex: { pattern: '^/a', replacement: '/x y' } }, /must not have/],
  [
    { regex: { pattern: '^/(a)(?<n>b)', replacement: '/$1$2$3$<n>$<m>$$<q>$&' } },
    /'\$3' stands for no group of/,
    /'\$<m>' stands for no group of/
  ],
  [{ regex: { pattern: '^/(a)', replacement: '/$0' } }, /'\$0' stands for no group of/]
]

for (const [config, ...expected] of PROBLEMS)
  test(`a rewrite ${JSON.stringify(config)} is refused`, () => {
    const problems = [...checkRewrite(config, 'rewrite')]
    assert.equal(problems.length, expected.length, problems.join('\n'))
    for (const [index, pattern] of expected.entries()) assert.match(problems[index] as string, pattern)
  })

test('whatever a parameter holds, set neither adds segments nor leaves canonical form', () => {
  const rewrite = compileRewrite({ set: '/x/:id/y' }, '')
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (id) => {
      const path = rewrite('/', { id })
      assert.equal(path.split('/').length, 4)
      if (id === '.' || id === '..') return
      assert.equal(decodeURIComponent(path.split('/')[2] as string), id)
      const read = readPath(path, { policy: 'reject', encodedSlashes: 'keep', duplicateSlashes: 'keep' })
      assert.notEqual(read.kind, 'changed')
    })
  )
})
