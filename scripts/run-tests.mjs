// Runs the given compiled test files and prints the counts last, whatever else there is to tell. Tests of single files
// run with packages file by file, all others with the packages as they are published.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'
import { UNBUNDLED } from './bundle.mjs'
import { groupsOf } from './test-groups.mjs'

const COUNT = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/
const root = fileURLToPath(new URL('../', import.meta.url))
const coverageDir = `${root}coverage/v8`
const groupsFolder = `${root}.cache/tests-${process.pid}`

const args = process.argv.slice(2)
const coverage = args[0] === '--coverage'
const files = (coverage ? args.slice(1) : args).map((file) => resolve(root, file))

if (coverage) {
  rmSync(coverageDir, { recursive: true, force: true })
  process.env.NODE_V8_COVERAGE = coverageDir
}

const ofPackages = `${root}packages/`
const isUnbundled = (file) => coverage || file.startsWith(ofPackages)
const options = process.env.NODE_OPTIONS ?? ''
const counts = new Map()
const report = Readable.from(resultsOf(files)).compose(withoutCounts).compose(new spec())
report.pipe(process.stdout, { end: false })
await once(report, 'end')
rmSync(groupsFolder, { recursive: true, force: true })

const failed = counts.get('fail') + counts.get('cancelled') > 0 || counts.get('tests') === 0
const uncovered = coverage && !reportCoverage()
for (const [name, value] of counts) console.log(`# ${name} ${value}`)
process.exitCode = failed || uncovered ? 1 : 0

/** The events of all test files. A test file has the environment that its process is started with. */
async function* resultsOf(files) {
  // One more than there are processors: while a test waits, another runs.
  const concurrency = Math.max(2, availableParallelism()) + 1
  const groups = [
    { conditions: ` --conditions=${UNBUNDLED}`, files: files.filter(isUnbundled) },
    { conditions: '', files: files.filter((file) => !isUnbundled(file)) }
  ]
  for (const { conditions, files } of groups) {
    process.env.NODE_OPTIONS = options + conditions
    if (files.length > 0) yield* run({ files: groupsOf(files, root, groupsFolder), concurrency })
  }
}

/** Takes the counts out of the stream: the spec reporter would print them before the failures. */
async function* withoutCounts(events) {
  for await (const event of events) {
    const count =
      event.type === 'test:diagnostic' && event.data.nesting === 0 && COUNT.exec(event.data.message)
    if (count) counts.set(count[1], (counts.get(count[1]) ?? 0) + Number(count[2]))
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
