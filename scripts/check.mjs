// `npm run check`: everything a change must pass besides the tests. Runs all steps, then tells which failed.
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { UNBUNDLED } from './bundle.mjs'
import { checkRelease } from './release.mjs'
import { checkRules } from './rules.mjs'
import { setup } from './setup.mjs'
import { checkColdImport, checkWeights } from './weights.mjs'

const root = fileURLToPath(new URL('../', import.meta.url))
const execute = promisify(execFile)

/** In order. A step fails by throwing; what it throws is shown. */
const steps = [
  ['build', setup],
  [
    'format and lint',
    () => run('node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', root)
  ],
  ['unused files, exports and dependencies', () => run('node_modules/knip/bin/knip.js', '--no-config-hints')],
  ['packages as published', lintPackages],
  ['sizes and cold import', async () => failWith([...checkWeights(), ...checkColdImport()])],
  ['versions and changelog', async () => failWith([...checkRelease()])],
  ['rules of the project', async () => failWith([...checkRules()])],
  ['documentation', () => run('scripts/test.mjs', 'project/docs')]
]

const failed = []
for (const [name, work] of steps) {
  const start = performance.now()
  const problem = await work().then(
    () => null,
    (error) => `${error.stdout ?? ''}${error.stderr ?? ''}` || error.message
  )
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(`${problem === null ? '✓' : '✗'} ${name} (${seconds} s)`)
  if (problem === null) continue
  console.log(problem.trimEnd().replaceAll(/^/gm, '    '))
  failed.push(name)
}
if (failed.length > 0) {
  console.log(`\nFailed: ${failed.join('; ')}`)
  process.exitCode = 1
}

/** Runs a script of Node, and throws what it printed when it fails. */
function run(script, ...args) {
  return execute(process.execPath, [root + script, ...args], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024
  })
}

async function lintPackages() {
  // Not there before the first step has installed it.
  const { publint } = await import('publint')
  const { formatMessage } = await import('publint/utils')
  const problems = []
  for (const name of readdirSync(`${root}packages`)) {
    const pkgDir = `${root}packages/${name}`
    if (!existsSync(`${pkgDir}/package.json`)) continue
    const pkg = JSON.parse(readFileSync(`${pkgDir}/package.json`, 'utf8'))
    const { messages } = await publint({ pkgDir, level: 'warning' })
    for (const message of messages.filter(isUnmeant))
      problems.push(`${pkg.name}: ${formatMessage(message, pkg, { color: false })}`)
  }
  failWith(problems)
}

/** What only tests load, file by file, is not published. */
function isUnmeant({ code, path }) {
  return code !== 'FILE_NOT_PUBLISHED' || path.at(-1) !== UNBUNDLED
}

function failWith(problems) {
  if (problems.length > 0) throw new Error(problems.join('\n'))
}
