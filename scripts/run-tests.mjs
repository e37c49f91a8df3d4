// Runs the given compiled test files and prints the counts last, whatever else there is to tell.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'

const COUNT = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/
const root = fileURLToPath(new URL('../', import.meta.url))
const coverageDir = `${root}coverage/v8`

const args = process.argv.slice(2)
const coverage = args[0] === '--coverage'
const files = (coverage ? args.slice(1) : args).map((file) => resolve(root, file))

if (coverage) {
  rmSync(coverageDir, { recursive: true, force: true })
  process.env.NODE_V8_COVERAGE = coverageDir
}

const counts = new Map()
const results = run({ files, concurrency: Math.max(2, availableParallelism()) })
const report = results.compose(withoutCounts).compose(new spec())
report.pipe(process.stdout, { end: false })
await once(report, 'end')

const failed = Number(counts.get('fail')) + Number(counts.get('cancelled')) > 0 || counts.get('tests') === '0'
const uncovered = coverage && !reportCoverage()
for (const [name, value] of counts) console.log(`# ${name} ${value}`)
process.exitCode = failed || uncovered ? 1 : 0

/** Takes the counts out of the stream: the spec reporter would print them before the failures. */
async function* withoutCounts(events) {
  for await (const event of events) {
    const count =
      event.type === 'test:diagnostic' && event.data.nesting === 0 && COUNT.exec(event.data.message)
    if (count) counts.set(count[1], count[2])
    else yield event
  }
}

/** Prints the summary and writes coverage/lcov.info. Whether enough lines were covered. */
function reportCoverage() {
  const c8 = [
    `${root}node_modules/c8/bin/c8.js`,
    'report',
    ...['--temp-directory', coverageDir, '--reporter', 'text-summary', '--reporter', 'lcov'],
    ...['--all', '--src', 'packages', '--include', 'packages/*/dist/**/*.js'],
    // Schemas run at build time only; validators are what the build makes of them.
    ...['**/*.test.js', '**/*schema.js', '**/validate-*.js'].flatMap((glob) => ['--exclude', glob]),
    ...['--check-coverage', '--lines', '80']
  ]
  delete process.env.NODE_V8_COVERAGE
  return spawnSync(process.execPath, c8, { cwd: root, stdio: 'inherit' }).status === 0
}
