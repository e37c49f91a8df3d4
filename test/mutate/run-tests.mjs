import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UNBUNDLED } from '../../scripts/bundle.mjs'
import { start } from '../bench/machine/children.mjs'

/**
 * Runs one compiled test file of a workspace. Resolves to whether it passed, and after how many milliseconds it had;
 * one that is not done after `limitMs` has failed.
 */
export async function runTest(workspace, file, { limitMs = 120_000, env = {} } = {}) {
  const begun = performance.now()
  const child = start([process.execPath, join(workspace.folder, file)], {
    core: null,
    env: { NODE_OPTIONS: `--conditions=${UNBUNDLED}`, ...env }
  })
  const limit = setTimeout(() => child.stop(), limitMs)
  const code = await child.ended
  clearTimeout(limit)
  return { passed: code === 0, ms: performance.now() - begun }
}

/**
 * Runs a test file and tells what it ran: compiled file → sorted list of `[start, end, count]`, as V8 counts blocks,
 * children of the test included.
 */
export async function coverageOf(workspace, file) {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-mutate-coverage-'))
  try {
    const { passed, ms } = await runTest(workspace, file, { env: { NODE_V8_COVERAGE: folder } })
    const ran = new Map()
    for (const report of readdirSync(folder)) {
      for (const { url, functions } of coverageIn(readFileSync(join(folder, report), 'utf8'))) {
        if (!url.startsWith('file:')) continue
        const path = fileURLToPath(url)
        if (!path.startsWith(`${workspace.folder}/packages/`)) continue
        const name = path.slice(workspace.folder.length + 1)
        const runs = ran.get(name) ?? []
        runs.push(
          functions.flatMap(({ ranges }) =>
            ranges.map((range) => [range.startOffset, range.endOffset, range.count])
          )
        )
        ran.set(name, runs)
      }
    }
    return { passed, ms, ran }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What a report of V8 says; nothing for half a report, of a process that was killed as it wrote it. */
function coverageIn(report) {
  try {
    return JSON.parse(report).result
  } catch {
    return []
  }
}

/** Whether one of the runs of a file came by an offset: the innermost block around it was counted. */
export function cameBy(runs, offset) {
  return runs.some((blocks) => {
    let innermost = null
    for (const block of blocks) {
      if (block[0] > offset || block[1] <= offset) continue
      if (innermost === null || block[1] - block[0] <= innermost[1] - innermost[0]) innermost = block
    }
    return innermost !== null && innermost[2] > 0
  })
}
