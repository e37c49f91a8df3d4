import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { parse } from 'yaml'
import { read, root, workspaceAt } from '../support/workspace.js'

const { version } = workspaceAt('.').manifest
const release = (tag: string) =>
  spawnSync(process.execPath, ['scripts/release.mjs', tag], { cwd: root, encoding: 'utf8' })

test('a tag of another version than that of the packages is no release', () => {
  const { status, stderr } = release('v99.0.0')
  assert.equal(status, 1)
  assert.match(
    stderr,
    new RegExp(`^the tag is v99.0.0, and the version ${version.replaceAll('.', '\\.')}$`, 'm')
  )
})

test('whether the version has a date in the changelog decides whether it may be released', () => {
  const isDated = new RegExp(`^## ${version.replaceAll('.', '\\.')} \\(\\d{4}-\\d{2}-\\d{2}\\)$`, 'm').test(
    read('CHANGELOG.md')
  )
  const { status, stderr } = release(`v${version}`)
  assert.equal(status, isDated ? 0 : 1, stderr)
})

test('the release is checked before it is published, with provenance and without a token', () => {
  const workflow = read('.github/workflows/release.yml')
  const { on, permissions, jobs } = parse(workflow)
  assert.deepEqual(on, { push: { tags: ['v*'] } })
  assert.deepEqual(permissions, { contents: 'read' })
  assert.deepEqual(jobs.publish.permissions, { contents: 'read', 'id-token': 'write' })
  const steps: readonly { readonly run?: string; readonly uses?: string }[] = jobs.publish.steps
  const runs = steps.flatMap(({ run }) => run ?? [])
  assert.deepEqual(runs.slice(-3), [
    'node scripts/release.mjs "$GITHUB_REF_NAME"',
    '.ci/run',
    'npm publish --workspaces --access public --provenance'
  ])
  for (const { uses } of steps) if (uses !== undefined) assert.match(uses, /@[0-9a-f]{40}$/)
  assert.doesNotMatch(workflow, /secrets\./)
})

test('what is published is packages alone: examples and tests are private', () => {
  for (const folder of ['examples/minimal', 'examples/demo', 'test'])
    assert.equal(workspaceAt(folder).manifest.private, true)
})
