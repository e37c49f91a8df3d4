// Makes a fresh clone ready: installs from the lock file when needed, compiles what is stale. Quick the second time.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const STAMP = `${root}node_modules/.cache/gatewright-lock`

/** Runs every step that is needed, telling what it does on stderr. */
export async function setup() {
  checkNode()
  install()
  await build()
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19))
    fail(`Node ${process.versions.node} is too old: 20.19 or newer is needed`)
}

function install() {
  const lock = createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex')
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lock) return
  step('installing dependencies from package-lock.json', () =>
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  )
  mkdirSync(`${root}node_modules/.cache`, { recursive: true })
  writeFileSync(STAMP, lock)
}

async function build() {
  const tsc = `${root}node_modules/typescript/bin/tsc`
  await step('compiling', async () => {
    run(process.execPath, [tsc, '-b', root])
    const { compileSchemas } = await import('./compile-schemas.mjs')
    await compileSchemas()
  })
}

async function step(what, work) {
  const start = performance.now()
  process.stderr.write(`• ${what} … `)
  await work()
  process.stderr.write(`${((performance.now() - start) / 1000).toFixed(1)} s\n`)
}

function run(command, args) {
  try {
    execFileSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  } catch {
    fail(`${command.split('/').at(-1)} ${args.join(' ').replaceAll(root, '')} failed`)
  }
}

function fail(message) {
  process.stderr.write(`\nsetup: ${message}\n`)
  process.exit(1)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await setup()
