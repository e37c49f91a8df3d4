import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkRegExp, isRegExpSource } from './regex.js'

const LINEAR = [
  '',
  '^/v[0-9]+/.*',
  '^/v\\d+(?:\\.\\d+)?/',
  '\\.(?:png|jpe?g|gif)$',
  '/[^/]+$',
  '/users/[0-9]+$',
  '^/(?:api|app|admin)(?:/|$)',
  '^/.*/edit$',
  '^/(.*)/raw/(.*)$',
  '^(?:/[a-z]+)+/x$',
  '^/(?<year>\\d{4})-(?<month>\\d{2})\\b',
  '^/[0-9]{1,3}(?:\\.[0-9]{1,3}){3}$',
  '^/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  '^/a{0}b$',
  '^/[\\x61-\\u0063\\-\\]]+$',
  '^/[a-z]+?[A-Z]+$',
  '^/a{x}$',
  '^/[\\b\\t]$'
]
const NOT_LINEAR = [
  '^/(a|a)*$',
  '^/(?:a|aa)+$',
  '^/(?:\\w|\\d)*-$',
  '^/(?:\\x61|[a])*$',
  '^/(?:a|[^b])*$',
  '^(?:[\\d-x]|-)*b',
  '^/(a+)+$',
  '^/(a*)*$',
  '^/(?:a|b?)*$',
  '^/(?:a(?:|b*))*$',
  '^/(?:|)x',
  '^/.*.*.*x',
  '[0-9]+$',
  '^/a+b|a+$',
  '.*=.*',
  '(?:a?){30}a{30}',
  '^/(?:ab){2,}(?:ab)*x',
  '^/(?!admin)',
  '(?<=a)b',
  '^/(a)\\1$',
  '^/(?<n>a)\\k<n>$',
  '^/\\p{L}+$',
  '^/[a-z]{600}$',
  '^/(?:){99999}$'
]

for (const source of LINEAR) test(`/${source}/ is taken`, () => assert.equal(checkRegExp(source), undefined))

for (const source of NOT_LINEAR)
  test(`/${source}/ is refused as not linear`, () => {
    assert.ok(isRegExpSource(source))
    assert.match(checkRegExp(source) as string, /^could take more than linear time: /)
  })

test('a text that is no regular expression is refused as such', () => {
  assert.equal(checkRegExp('('), 'is not a regular expression')
})

test('a pattern may have 512 characters and no more', () => {
  assert.equal(checkRegExp('a'.repeat(512)), undefined)
  assert.equal(checkRegExp('a'.repeat(513)), 'is longer than 512 characters')
})

test('a pattern for a whole value is not tried at every place, and may end in anything', () => {
  for (const source of ['[0-9]+', '.*foo.*', 'foo.*', 'a+|b+']) {
    assert.equal(checkRegExp(source, { whole: true }), undefined, source)
  }
  for (const source of ['.*foo.*bar.*', '.*foo.*|b', '(?:a|a)*'])
    assert.match(checkRegExp(source, { whole: true }) as string, /linear/, source)
})

test('letters of both cases overlap when case is ignored', () => {
  assert.equal(checkRegExp('^/(?:a|A)*$'), undefined)
  assert.equal(checkRegExp('^/[a-z]+[A-Z]+$'), undefined)
  assert.match(checkRegExp('^/(?:[^a]|A)*$') as string, /linear/)
  assert.match(checkRegExp('^/(?:a|A)*$', { ignoreCase: true }) as string, /linear/)
  assert.match(checkRegExp('^/[a-z]+[A-Z]+$', { ignoreCase: true }) as string, /linear/)
  assert.equal(checkRegExp('^/(?:[^a]|A)*$', { ignoreCase: true }), undefined)
})

// A pattern as a tree, so that the matcher that counts steps shares no parser with what it tests.
type Tree =
  | { readonly kind: 'chars'; readonly source: string; readonly chars: string }
  | { readonly kind: 'both' | 'either'; readonly left: Tree; readonly right: Tree }
  | { readonly kind: 'star' | 'plus' | 'option'; readonly body: Tree }

const SUFFIX = { star: '*', plus: '+', option: '?' }

function write(tree: Tree): string {
  switch (tree.kind) {
    case 'chars':
      return tree.source
    case 'both':
      return write(tree.left) + write(tree.right)
    case 'either':
      return `(?:${write(tree.left)}|${write(tree.right)})`
    default:
      return `(?:${write(tree.body)})${SUFFIX[tree.kind]}`
  }
}

function countSteps(tree: Tree, text: string, limit: number): number {
  let steps = 0
  function match(part: Tree, at: number, then: (at: number) => boolean): boolean {
    if (++steps > limit) return true
    switch (part.kind) {
      case 'chars':
        return at < text.length && part.chars.includes(text[at] as string) && then(at + 1)
      case 'both':
        return match(part.left, at, (next) => match(part.right, next, then))
      case 'either':
        return match(part.left, at, then) || match(part.right, at, then)
      case 'option':
        return match(part.body, at, then) || then(at)
      case 'plus':
        return match(part.body, at, (next) => again(part.body, next, then))
      case 'star':
        return again(part.body, at, then)
    }
  }
  const again = (body: Tree, at: number, then: (at: number) => boolean): boolean =>
    match(body, at, (next) => next > at && again(body, next, then)) || then(at)
  match(tree, 0, (at) => at === text.length)
  return steps
}

const chars = fc.constantFrom<Tree>(
  { kind: 'chars', source: 'a', chars: 'a' },
  { kind: 'chars', source: 'b', chars: 'b' },
  { kind: 'chars', source: '[ab]', chars: 'ab' },
  { kind: 'chars', source: '[^a]', chars: 'bc' },
  { kind: 'chars', source: '.', chars: 'abc' }
)
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    chars,
    fc.record({ kind: fc.constantFrom('both', 'either'), left: tie('tree'), right: tie('tree') }),
    fc.record({ kind: fc.constantFrom('star', 'plus', 'option'), body: tie('tree') })
  )
}))
const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 3 })

test('a pattern that is taken costs a backtracking matcher steps in proportion to the text', () => {
  fc.assert(
    fc.property(
      tree,
      word,
      word.filter((pump) => pump !== ''),
      word,
      (pattern, head, pump, tail) => {
        fc.pre(checkRegExp(write(pattern), { whole: true }) === undefined)
        // The text may end a repetition or break it off, by its length: the worst of some lengths is compared.
        const steps = (times: number): number =>
          Math.max(
            ...[0, 1, 2, 3].map((more) => countSteps(pattern, head + pump.repeat(times + more) + tail, 1e6))
          )
        assert.ok(steps(160) <= 2.5 * steps(80) + 100, write(pattern))
      }
    ),
    { numRuns: 3000 }
  )
})
