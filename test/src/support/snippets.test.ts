import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { readNotes, runSnippet } from './run-snippet.js'
import { compileSnippets, type Snippet, type SnippetProject } from './snippets.js'

const snippet = (code: string): Snippet => ({ page: 'docs/page.md', line: 7, code })

async function compiled(t: TestContext, code: string): Promise<[SnippetProject, string]> {
  const project = await compileSnippets([snippet(code)])
  t.after(() => project.remove())
  return [project, project.programOf(snippet(code))]
}

const SERVER = `
  import { createServer, get } from 'node:http'
  createServer((request, response) => {
    get('http://localhost:3000/up', (upstream) => upstream.pipe(response))
  }).listen(8080)
`

test('a wrong type is told with the line of the page', async (t) => {
  const [project] = await compiled(t, "import { REASONS } from '@gatewright/core'\nREASONS.no_such_reason")
  const [problem = '', ...more] = project.problemsOf('docs/page.md')
  assert.match(problem, /^docs\/page\.md\(8,9\): error TS2339/)
  assert.deepEqual(more, [])
  assert.deepEqual(project.problemsOf('docs/other.md'), [])
})

test('a program that ends well is fine', async (t) => {
  const [project, program] = await compiled(t, 'await Promise.resolve()')
  assert.deepEqual(project.problemsOf('docs/page.md'), [])
  await runSnippet(program, readNotes([]))
})

test('a program that throws is not, and what it printed is told', async (t) => {
  const [, program] = await compiled(t, "throw new Error('as written')")
  await assert.rejects(runSnippet(program, readNotes([])), /it ended with 1\n[\s\S]*as written/)
})

test('a server answers on the port that the page names, and reaches upstreams there', async (t) => {
  const [, program] = await compiled(t, SERVER)
  await runSnippet(
    program,
    readNotes(['upstream: 3000', 'expect: GET :8080/ 200 {"path":"/up"}', 'expect: GET / 200'])
  )
})

test('another status than expected is a failure', async (t) => {
  const [, program] = await compiled(t, SERVER)
  await assert.rejects(runSnippet(program, readNotes(['upstream: 3000', 'expect: GET / 404'])), /GET \/: 200/)
})

test('another body than expected is a failure', async (t) => {
  const [, program] = await compiled(t, SERVER)
  const run = runSnippet(program, readNotes(['upstream: 3000', 'expect: GET / 200 nothing of the kind']))
  await assert.rejects(run, /'nothing of the kind' is not in/)
})

test('a program that ends before it listens is a failure', async (t) => {
  const [, program] = await compiled(t, 'await Promise.resolve()')
  await assert.rejects(
    runSnippet(program, readNotes(['expect: GET / 200'])),
    /ended with 0 before it listened/
  )
})

test('a note that cannot be read is an error', () => {
  assert.throws(() => readNotes(['expect: 200']), /cannot read/)
})
