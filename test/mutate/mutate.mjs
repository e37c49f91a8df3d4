import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../bench/paths.mjs'
import { chance } from '../soak/chance.mjs'
import { mutationsOf } from './mutations.mjs'
import { cameBy, coverageOf, runTest } from './run-tests.mjs'
import { decisionFiles, testsIn, Workspace } from './workspace.mjs'

const equivalents = fileURLToPath(new URL('./equivalent.json', import.meta.url))
/** Whole-gateway tests that take longer tell nothing that the others do not, and would be run for each survivor. */
const MOST_TEST_MS = 12_000
/** A mutant whose tests take so much longer than without it hangs. */
const PATIENCE = 4

/**
 * Changes compiled decision code in seeded places, one at a time, and runs the tests that come by the place.
 * Resolves to the mutants that no test noticed and that are not known to be equivalent.
 */
export async function mutate({ packages, count, seed, only, tests: texts }) {
  const workers = await Promise.all(
    Array.from({ length: Math.max(1, availableParallelism()) }, () => Workspace.create())
  )
  say('What each test runs …')
  const tests = await survey(workers, packages, texts)
  const known = JSON.parse(readFileSync(equivalents, 'utf8'))
  const survivors = []
  for (const name of packages) {
    const mutants = choose(name, { count, seed, only })
    const results = await inTurns(workers, mutants, (workspace, mutant) => judge(workspace, mutant, tests))
    const unnoticed = mutants.filter((_, index) => !results[index])
    const equivalent = unnoticed.filter((mutant) => known.some((one) => isSame(one, mutant)))
    const missed = unnoticed.filter((mutant) => !equivalent.includes(mutant))
    survivors.push(...missed)
    const counted = mutants.length - equivalent.length
    say(
      `${name}: ${counted - missed.length} of ${counted} noticed (${percent(counted - missed.length, counted)}), ${equivalent.length} equivalent`
    )
    for (const mutant of missed) say(`  ${mutant.file}:${mutant.line}  ${mutant.before}  →  ${mutant.after}`)
  }
  return survivors
}

/** Runs every test that may notice once: what it comes by, and how long it takes. The fastest first. */
async function survey(workers, packages, texts) {
  const files = [
    ...packages.flatMap((name) => testsIn(`packages/${name}/dist`)),
    ...testsIn('test/dist')
      .filter(isQuick)
      .filter((file) => texts.some((text) => file.includes(text)))
  ]
  const tests = await inTurns(workers, files, async (workspace, file) => ({
    file,
    ...(await coverageOf(workspace, file))
  }))
  for (const { file, passed } of tests) if (!passed) say(`  ${file} fails without any mutant and is left out`)
  // Whoever names tests wants them, however long they take.
  const most = texts.includes('') ? MOST_TEST_MS : Number.POSITIVE_INFINITY
  return tests.filter(({ passed, ms }) => passed && ms < most).sort((a, b) => a.ms - b.ms)
}

/** Tests of the repository itself, of installed packages and of long storms. */
function isQuick(file) {
  return !/(project|storms|support)\/|(names|types|editor-hover)\.test\.js$/.test(file)
}

/** `count` mutants of a package, each of its places as likely as another. */
function choose(name, { count, seed, only }) {
  const all = decisionFiles(name)
    .filter((file) => file.includes(only))
    .flatMap((file) => {
      const source = readFileSync(join(root, file), 'utf8')
      return mutationsOf(source).map((mutation) => describe(file, source, mutation))
    })
  const random = chance(seed)
  const chosen = []
  while (chosen.length < count && all.length > 0)
    chosen.push(...all.splice(Math.floor(random() * all.length), 1))
  return chosen
}

function describe(file, source, { start, end, text }) {
  const lineStart = source.lastIndexOf('\n', start) + 1
  const lineEnd = source.indexOf('\n', end)
  return {
    file,
    start,
    mutated: source.slice(0, start) + text + source.slice(end),
    line: source.slice(0, start).split('\n').length,
    before: source.slice(lineStart, lineEnd).trim(),
    after: (source.slice(lineStart, start) + text + source.slice(end, lineEnd)).trim()
  }
}

/** Whether a test notices. */
async function judge(workspace, mutant, tests) {
  return workspace.with(mutant.file, mutant.mutated, async () => {
    for (const { file, ms, ran } of tests) {
      if (!ran.has(mutant.file) || !cameBy(ran.get(mutant.file), mutant.start)) continue
      const { passed } = await runTest(workspace, file, { limitMs: 5_000 + PATIENCE * ms })
      if (!passed) return true
    }
    return false
  })
}

/** Gives each piece of work to the first free worker; the results in order. */
async function inTurns(workers, pieces, work) {
  const results = []
  let next = 0
  await Promise.all(
    workers.map(async (worker) => {
      while (next < pieces.length) {
        const index = next++
        results[index] = await work(worker, pieces[index])
      }
    })
  )
  return results
}

function isSame(known, { file, before, after }) {
  return known.file === file && known.before === before && known.after === after
}

function percent(part, whole) {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(0)} %`
}

function say(text) {
  process.stdout.write(`${text}\n`)
}
