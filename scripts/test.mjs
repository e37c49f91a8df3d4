// `npm test [-- pattern…]`: makes the clone ready, then runs the compiled tests whose path contains a pattern.
// --node <major> runs them under another line of Node; --coverage measures and demands 80 % of lines.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { nodeOfLine } from './node.mjs'
import { setupOrExit } from './setup.mjs'

const PRELOADED = ['test-deadline.mjs', 'test-hooks.mjs']
const RUN_LIMIT_MS = 20 * 60_000
const root = fileURLToPath(new URL('../', import.meta.url))

const { values: options, positionals: patterns } = parseArgs({
  allowPositionals: true,
  options: { coverage: { type: 'boolean', default: false }, node: { type: 'string' } }
})

await setupOrExit()
const files = testFiles().filter((file) => patterns.length === 0 || patterns.some((p) => file.includes(p)))
if (files.length === 0) {
  process.stderr.write(`test: no test file matches ${patterns.join(', ')}\n`)
  process.exit(1)
}
const node = options.node === undefined ? process.execPath : nodeOfLine(options.node)
process.exitCode = await runTests(node, [...(options.coverage ? ['--coverage'] : []), ...files])

/** Every compiled test of the workspaces, relative to the root. Stale ones are gone: setup removed them. */
function testFiles() {
  const { references } = JSON.parse(readFileSync(`${root}tsconfig.json`, 'utf8'))
  return references
    .map(({ path }) => `${path}/dist`)
    .filter((dist) => existsSync(root + dist))
    .flatMap((dist) => readdirSync(root + dist, { recursive: true }).map((file) => `${dist}/${file}`))
    .filter((file) => file.endsWith('.test.js'))
    .sort()
}

/** Runs them in a process group of their own, so that nothing they left behind outlives the run. */
function runTests(node, args) {
  const child = spawn(
    node,
    [
      ...PRELOADED.flatMap((file) => ['--import', `${root}scripts/${file}`]),
      `${root}scripts/run-tests.mjs`,
      ...args
    ],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: true
    }
  )
  const killGroup = () => {
    try {
      process.kill(-child.pid, 'SIGKILL')
    } catch {
      // The group has no process left.
    }
  }
  const watchdog = setTimeout(() => {
    process.stderr.write(`test: not finished after ${RUN_LIMIT_MS / 60_000} minutes, killed\n`)
    killGroup()
  }, RUN_LIMIT_MS)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, killGroup)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => {
      clearTimeout(watchdog)
      killGroup()
      resolve(code ?? 1)
    })
  })
}
