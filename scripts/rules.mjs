// The project's own rules about its files, each in one line of code. Yields a sentence per breach.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { checkCircles, checkFloors } from './circles.mjs'

const MAX_LINES = 250
const root = fileURLToPath(new URL('../', import.meta.url))

const isText = /\.(ts|mjs|js|json|md|ya?ml)$/
const isSource = /\.(ts|mjs|js)$/
const isTest = /\.test\.ts$/
const excuse = /^\/\/ Long because .{10}/m
const vagueName = /(^|\/)(utils?|helpers?|common|misc|types)\.(ts|mjs|js)$/
// Written with a class of one letter, so that this file does not break the rules it states.
const unfinished = /\b(TO[D]O|FIX[M]E|XX[X])\b/
const notRun = /\b(it|test|describe|suite)\.(ski[p]|onl[y]|tod[o])\b|\{ *(ski[p]|onl[y]|tod[o]): *true/
const machinePath = /(^|[\s"'`(=])\/(wor[k]|roo[t]|User[s]|tmp\/bas[h]_job[s])\//

const conflict = /^(<{7}|>{7}) /

/** Every breach in the files that git knows or would add. */
export function* checkRules() {
  for (const file of projectFiles()) {
    if (vagueName.test(file)) yield `${file}: name it for its idea`
    if (!isText.test(file)) continue
    const text = readFileSync(root + file, 'utf8')
    const lines = text.split('\n')
    if (isSource.test(file) && !isTest.test(file) && lines.length - 1 > MAX_LINES && !excuse.test(text))
      yield `${file}: ${lines.length - 1} lines; split it by idea, or say '// Long because …'`
    for (const [index, line] of lines.entries()) {
      const at = `${file}:${index + 1}`
      if (unfinished.test(line)) yield `${at}: finish it, or open an issue`
      if (isSource.test(file) && notRun.test(line)) yield `${at}: a test that does not run`
      if (conflict.test(line)) yield `${at}: a merge that was not finished`
      if (machinePath.test(line)) yield `${at}: a path of somebody's machine`
    }
  }
  yield* checkCircles()
  yield* checkFloors()
  yield* checkLock()
}

/** What would make the lock file useless elsewhere: registry addresses, and platforms that npm left out. */
function* checkLock() {
  const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8'))
  const locked = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')))
  for (const [path, { resolved, optionalDependencies = {} }] of Object.entries(packages)) {
    if (resolved?.includes('://')) yield `package-lock.json: ${path} names its registry (see .npmrc)`
    for (const name of Object.keys(optionalDependencies))
      if (!locked.has(name))
        yield `package-lock.json: ${path} lacks ${name}, so 'npm ci' fails on a fresh clone`
  }
}

function projectFiles() {
  return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root })
    .toString()
    .split('\n')
    .filter((file) => file !== '' && existsSync(root + file))
}
