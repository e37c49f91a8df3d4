import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findBinary } from './binaries.mjs'

/** Children alive now, and the folders of this run: gone when this process is, however it ends. */
const alive = new Set()
const folders = new Set()

process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
process.on('SIGINT', () => process.exit(130))
process.on('SIGTERM', () => process.exit(143))

// The kernel ends the children even when this process is killed and its exit handler never runs.
const setpriv = findBinary('setpriv')
const LEASH = setpriv === null ? [] : [setpriv, '--pdeathsig', 'KILL']

/**
 * Starts a process on one core (`null`: on any) that ends with this one.
 * `output()` is the end of what it printed, for error messages.
 */
export function start(argv, { core, env = {} }) {
  const [command, ...args] = [...LEASH, ...pinned(core), ...argv]
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: 'production', ...env }
  })
  alive.add(child)
  let output = ''
  let error = ''
  child.stdout.on('data', (chunk) => {
    output = (output + chunk).slice(-64_000)
  })
  child.stderr.on('data', (chunk) => {
    error = (error + chunk).slice(-4_000)
  })
  const ended = new Promise((resolve) => {
    child.on('error', (failure) => {
      error += failure.message
    })
    child.on('close', (code) => {
      alive.delete(child)
      resolve(code)
    })
  })
  return {
    pid: child.pid,
    ended,
    output: () => output,
    complaint: () => complaint(error || output),
    isAlive: () => alive.has(child),
    async stop() {
      child.kill('SIGKILL')
      await ended
    }
  }
}

/** Runs a process to its end. Returns what it printed; throws when it fails. */
export async function run(argv, where) {
  const child = start(argv, where)
  const code = await child.ended
  if (code !== 0) throw new Error(`${argv[0]} failed: ${child.complaint()}`)
  return child.output()
}

/** A new empty folder that is removed when this process ends. */
export async function temporaryFolder(name) {
  const folder = await mkdtemp(join(tmpdir(), `gatewright-bench-${name}-`))
  folders.add(folder)
  return folder
}

// The line that says what is wrong stands somewhere before a stack trace; a list may follow it.
function complaint(printed) {
  const lines = printed.trim().split('\n')
  const wrong = lines.findIndex((line) => /error|fatal|emerg/i.test(line))
  return wrong === -1
    ? lines.at(-1)
    : lines
        .slice(wrong, wrong + 2)
        .join(' ')
        .trim()
}

function pinned(core) {
  return core === null ? [] : ['taskset', '-c', String(core)]
}
