// Makes a fresh clone ready: installs from the lock file when needed, compiles what is stale. Quick the second time.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Runs every step that is needed, telling what it does on stderr. Throws an error whose message says it all. */
export async function setup() {
  checkNode()
  if (!isInstalled())
    await step('installing dependencies from package-lock.json', () =>
      run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
    )
  await step('compiling', async () => {
    removeOrphans()
    await compile()
    const { compileSchemas } = await import('./compile-schemas.mjs')
    await compileSchemas()
    const { bundlePackages } = await import('./bundle.mjs')
    await bundlePackages()
  })
}

/** The types of the configuration are made from its schemas, which are TypeScript too: what they change is compiled again. */
async function compile() {
  const { writeConfigTypes } = await import('./config-types.mjs')
  const tsc = () => run(process.execPath, [`${root}node_modules/typescript/bin/tsc`, '-b', root])
  let failed = null
  try {
    tsc()
  } catch (error) {
    failed = error
  }
  if (await writeConfigTypes()) tsc()
  else if (failed !== null) throw failed
}

/** For scripts that can do nothing without it: says what failed and ends the process. */
export async function setupOrExit() {
  try {
    await setup()
  } catch (error) {
    process.stderr.write(`setup: ${error.message}\n`)
    process.exit(1)
  }
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19))
    throw new Error(`Node ${process.versions.node} is too old: 20.19 or newer is needed`)
}

/** Whether node_modules holds what the lock file asks for; npm keeps its own record of what it installed. */
function isInstalled() {
  const record = `${root}node_modules/.package-lock.json`
  if (!existsSync(record)) return false
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages
  const wanted = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')).packages
  return Object.entries(wanted).every(
    ([path, { version, resolved, link, optional }]) =>
      !path.includes('node_modules/') ||
      optional ||
      (installed[path] !== undefined &&
        (link ? installed[path].resolved === resolved : installed[path].version === version))
  )
}

/** Deletes compiled files whose source is gone: a stale test would run, a stale module could be imported. */
function removeOrphans() {
  const { references } = JSON.parse(readFileSync(`${root}tsconfig.json`, 'utf8'))
  for (const { path } of references) {
    const dist = `${root}${path}/dist/`
    if (!existsSync(dist)) continue
    for (const file of readdirSync(dist, { recursive: true })) {
      const name = /^(.+?)(?:\.js|\.d\.ts)(?:\.map)?$/.exec(file)?.[1]
      if (name === undefined) continue
      const sources = ['src/', ''].flatMap((from) =>
        ['.ts', '.d.ts'].map((end) => `${root}${path}/${from}${name}${end}`)
      )
      if (!sources.some(existsSync)) rmSync(dist + file)
    }
  }
}

async function step(what, work) {
  const start = performance.now()
  process.stderr.write(`• ${what} … `)
  let end = 'failed'
  try {
    await work()
    end = `${((performance.now() - start) / 1000).toFixed(1)} s`
  } finally {
    process.stderr.write(`${end}\n`)
  }
}

function run(command, args) {
  try {
    execFileSync(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  } catch (error) {
    const line = `${command.split('/').at(-1)} ${args.join(' ').replaceAll(root, '')}`.trim()
    throw new Error(`${line} failed\n${error.stdout ?? error.message}`)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await setupOrExit()
