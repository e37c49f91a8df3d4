import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type Block, blocksOf } from '../support/markdown.js'
import { guides } from '../support/pages.js'
import { readNotes, runSnippet } from '../support/run-snippet.js'
import { compileSnippets, type Snippet } from '../support/snippets.js'
import { read } from '../support/workspace.js'

const shown = guides.flatMap((page): (Snippet & Pick<Block, 'info' | 'notes'>)[] =>
  blocksOf(read(page))
    .filter(({ info }) => /^(?:ts|typescript|js|javascript)\b/.test(info))
    .map(({ line, ...block }) => ({ ...block, page, line: line + 1 }))
)
const project = await compileSnippets(shown)
after(() => project.remove())

for (const page of new Set(shown.map((snippet) => snippet.page)))
  test(`${page}: every block of code says how it is tested, and compiles`, () => {
    for (const { info, line } of shown.filter((snippet) => snippet.page === page))
      assert.match(info, /^ts (?:check|run)$/, `line ${line - 1}: begin it with 'ts check' or 'ts run'`)
    assert.deepEqual(project.problemsOf(page), [])
  })

for (const snippet of shown.filter(({ info }) => info === 'ts run'))
  test(`${snippet.page}:${snippet.line} runs as it says`, async () => {
    await runSnippet(project.programOf(snippet), readNotes(snippet.notes))
  })
