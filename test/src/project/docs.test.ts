import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { test } from 'node:test'
import { createGateway, REASONS } from '@gatewright/gateway'
import { anchorsOf, blocksOf, headingsOf, linksOf, shadowedHeadingsOf } from '../support/markdown.js'
import { pages } from '../support/pages.js'
import { read, root, workspacesIn } from '../support/workspace.js'

/** What a link leads to, from the root of the repository. */
function targetOf(path: string, page: string): string {
  if (path === '') return page
  return path.startsWith('/') ? path.slice(1) : posix.join(posix.dirname(page), path)
}

const MADE_BY_FASTIFY_ERROR = Symbol.for('fastify-error-generic')

for (const page of pages)
  test(`${page} links to what exists`, () => {
    for (const { path, anchor, line } of linksOf(read(page))) {
      const target = targetOf(path, page)
      assert.ok(existsSync(root + target), `line ${line}: there is no ${target}`)
      if (anchor === '' || statSync(root + target).isDirectory()) continue
      assert.ok(anchorsOf(read(target)).has(anchor), `line ${line}: ${target} has no heading for #${anchor}`)
    }
  })

for (const page of pages)
  test(`${page} has no two headings with one anchor`, () => {
    assert.deepEqual(shadowedHeadingsOf(read(page)), [])
  })

// A block that names no language, or names TypeScript in another way, would be neither compiled nor run.
const LANGUAGE = /^(?:ts (?:check|run)|sh|console|text|json|yaml|html)$/

for (const page of pages)
  test(`${page} says of every block what it is`, () => {
    for (const { info, line } of blocksOf(read(page)))
      assert.match(info, LANGUAGE, `line ${line}: say what it is, such as 'ts check', 'sh' or 'text'`)
  })

test('docs/reasons.md documents every reason with its status and title, and no other', async () => {
  const gateway = createGateway({ logger: false, accessLog: false })
  await gateway.ready()
  assert.deepEqual(Object.keys(REASONS).sort(), Object.keys(gateway.app.gateway.reasons.table).sort())
  await gateway.close()
  const page = read('docs/reasons.md')
  const documented = headingsOf(page).filter(({ level }) => level === 3)
  assert.deepEqual(documented.map(({ text }) => text).sort(), Object.keys(REASONS).sort())
  for (const [reason, { status, title }] of Object.entries(REASONS))
    assert.ok(page.includes(`### \`${reason}\`\n\n**${status} ${title}.**`), `${reason}: ${status} ${title}`)
})

test('docs/errors.md documents every error code that packages export, and no other', async () => {
  const documented = headingsOf(read('docs/errors.md')).filter(({ level }) => level === 3)
  const thrown = new Set<string>()
  for (const { manifest, path } of workspacesIn('packages'))
    if (existsSync(`${root}${path}/dist/index.js`))
      for (const code of errorCodesOf(await import(manifest.name))) thrown.add(code)
  assert.deepEqual(documented.map(({ text }) => text).sort(), [...thrown].sort())
})

const GENERATED: readonly [file: string, source: string, script: string][] = [
  ['docs/configuration.md', 'the schemas', 'docs-reference'],
  ['packages/config/gateway.schema.json', 'the schemas', 'config-schema'],
  ['docs/lint.md', 'the rules', 'docs-lint'],
  ['docs/cli.md', 'the commands', 'docs-cli'],
  ['docs/files.md', 'the command', 'docs-captures']
]
for (const [file, source, script] of GENERATED)
  test(`${file} is what ${source} say`, () => {
    const { status, stderr } = spawnSync(process.execPath, [`scripts/${script}.mjs`, '--check'], {
      cwd: root,
      encoding: 'utf8'
    })
    assert.equal(status, 0, stderr)
  })

const MISTAKES: readonly [page: string, config: object][] = [
  ['README.md', { pools: { users: { endpoints: ['http://a'] } }, routes: [{ path: '/*', pool: 'usrs' }] }],
  [
    'docs/errors.md',
    { pools: { users: { endpoints: ['10.0.0.1:8080'] } }, routes: [{ path: '/*', pool: 'user' }] }
  ]
]
for (const [page, config] of MISTAKES)
  test(`${page} shows what a wrong configuration says, word for word`, async () => {
    const gateway = createGateway({ logger: false, accessLog: false, ...config })
    const { message } = await gateway.ready().then(
      () => assert.fail('it has started'),
      (error: Error) => error
    )
    assert.ok(read(page).includes(`\`\`\`text\n${message}\n\`\`\`\n`), message)
  })

// The codes of the classes that @fastify/error made, among all that a package exports.
function errorCodesOf(exported: object): string[] {
  return Object.values(exported).flatMap((value) => {
    if (typeof value !== 'function' || !(MADE_BY_FASTIFY_ERROR in (value.prototype ?? {}))) return []
    const { code } = new (value as new (...args: string[]) => { code: string })('', '', '')
    return [code]
  })
}
