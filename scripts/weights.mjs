// How heavy packages are: their code, what they bring, and what loading the gateway costs. Held to what docs/packages.md says.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const PAGE = 'docs/packages.md'

/** `| [`@gatewright/core`](…) | what | 560 KiB | 12 | 2 MiB |` */
const ROW = /^\| \[`([^`]+)`\]\([^)]*\) \| .+ \| (\d+) KiB \| (\d+) \| (\d+) MiB \|$/
const FACTOR = /at most ([\d.]+) times/

/** A sentence for each package that is not as the page says, or that is not on it. */
export function* checkWeights() {
  const page = readFileSync(root + PAGE, 'utf8')
  const stated = new Map(page.split('\n').flatMap((line) => [rowOf(line)].filter((row) => row !== null)))
  const lock = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8')).packages
  for (const folder of readdirSync(`${root}packages`)) {
    const { name } = JSON.parse(readFileSync(`${root}packages/${folder}/package.json`, 'utf8'))
    const row = stated.get(name)
    const code = Math.ceil(codeOf(folder) / 1024)
    const brought = [...closureOf(name, lock)].filter((path) => lock[path].link !== true)
    const size = Math.ceil(brought.reduce((sum, path) => sum + sizeOf(root + path), 0) / 2 ** 20)
    const found = `${code} KiB of code, ${brought.length} packages of others, ${size} MiB of them`
    if (row === undefined) yield `${PAGE}: has no row for ${name} (${found})`
    else if (code > row.code || code < row.code / 2 || brought.length !== row.packages || size > row.size)
      yield `${PAGE}: ${name} is ${found}: not what its row says`
  }
}

/** The processor time of loading the gateway, to that of loading what any proxy on Fastify loads. */
export function coldImport() {
  const cost = (modules) => Math.min(...Array.from({ length: 5 }, () => Number(loaded(modules))))
  return cost(['@gatewright/gateway']) / cost(['fastify', '@fastify/reply-from', 'undici'])
}

/** A sentence when that is more than the page says. */
export function* checkColdImport() {
  const [, most] = FACTOR.exec(readFileSync(root + PAGE, 'utf8')) ?? []
  const factor = coldImport()
  if (!(factor <= Number(most)))
    yield `${PAGE}: loading the gateway takes ${factor.toFixed(2)} times what it says is at most ${most}`
}

function loaded(modules) {
  const program = `const from = process.cpuUsage()
Promise.all(${JSON.stringify(modules)}.map((name) => import(name))).then(() => {
  const { user, system } = process.cpuUsage(from)
  process.stdout.write(String(user + system))
})`
  return execFileSync(process.execPath, ['-e', program], { cwd: `${root}packages/gateway`, encoding: 'utf8' })
}

function rowOf(line) {
  const [, name, code, packages, size] = ROW.exec(line) ?? []
  return name === undefined
    ? null
    : [name, { code: Number(code), packages: Number(packages), size: Number(size) }]
}

function codeOf(folder) {
  const lib = `${root}packages/${folder}/lib`
  return readdirSync(lib)
    .filter((file) => file.endsWith('.js'))
    .reduce((sum, file) => sum + statSync(join(lib, file)).size, 0)
}

// The paths in the lock file of what a package brings, as npm finds it: in the nearest node_modules on the way up.
function closureOf(name, lock) {
  const found = new Set()
  const visit = (wanted, from) => {
    const path = pathOf(wanted, from, lock)
    if (path === undefined || found.has(path)) return
    found.add(path)
    const { link, resolved } = lock[path]
    const real = link === true ? resolved : path
    for (const other of Object.keys(lock[real].dependencies ?? {})) visit(other, real)
  }
  visit(name, '')
  return found
}

function pathOf(name, from, lock) {
  const here = `${from === '' ? '' : `${from}/`}node_modules/${name}`
  if (here in lock) return here
  if (from === '') return undefined
  return pathOf(
    name,
    from.includes('/node_modules/') ? from.slice(0, from.lastIndexOf('/node_modules/')) : '',
    lock
  )
}

function sizeOf(path) {
  return readdirSync(path, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .reduce((sum, entry) => {
      const inner = `${path}/${entry.name}`
      return sum + (entry.isDirectory() ? sizeOf(inner) : statSync(inner).size)
    }, 0)
}
