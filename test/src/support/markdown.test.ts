import assert from 'node:assert/strict'
import { test } from 'node:test'
import { anchorsOf, blocksOf, headingsOf, linksOf, shadowedHeadingsOf } from './markdown.js'

const PAGE = `# The \`page\`

See [a](docs/a.md#part), [b](https://example.com), [c](#the-page) and \`[d](gone.md)\`.

\`\`\`ts run
# not a heading
const link = '[e](gone.md)'
\`\`\`

<!-- upstream: 3000 -->
<!-- expect: GET / 200 -->

## Same, \`<name>[]\`!
## Same
## Same
`

test('reads headings without markup, and none from code', () => {
  assert.deepEqual(
    headingsOf(PAGE).map(({ text, level, line }) => [level, text, line]),
    [
      [1, 'The page', 1],
      [2, 'Same, <name>[]!', 13],
      [2, 'Same', 14],
      [2, 'Same', 15]
    ]
  )
})

test('anchors are those GitHub makes', () => {
  assert.deepEqual([...anchorsOf(PAGE)], ['the-page', 'same-name', 'same', 'same-1'])
})

test('a heading is shadowed by one above it with the same anchor', () => {
  assert.deepEqual(
    shadowedHeadingsOf(PAGE).map(({ line }) => line),
    [15]
  )
  assert.equal(shadowedHeadingsOf('# A `b`\n\n## a b!').length, 1)
})

test('reads links that stay in the repository, and none from code', () => {
  assert.deepEqual(linksOf(PAGE), [
    { path: 'docs/a.md', anchor: 'part', line: 3 },
    { path: '', anchor: 'the-page', line: 3 }
  ])
})

test('reads a block with the notes below it', () => {
  assert.deepEqual(blocksOf(PAGE), [
    {
      info: 'ts run',
      code: "# not a heading\nconst link = '[e](gone.md)'",
      line: 5,
      notes: ['upstream: 3000', 'expect: GET / 200']
    }
  ])
})

test('a block that never ends is an error with its line', () => {
  assert.throws(() => blocksOf('text\n```ts\ncode'), /line 2/)
})
