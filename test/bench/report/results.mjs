import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chart } from './chart.mjs'
import { markdown } from './markdown.mjs'

/** Reads earlier results, so that a run of some cases keeps the others. */
export async function readResults(folder) {
  try {
    return JSON.parse(await readFile(join(folder, 'results.json'), 'utf8'))
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    return { machine: null, cases: {} }
  }
}

/** Writes the results as data, as tables and as a chart. */
export async function writeResults(folder, results) {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'results.json'), json(results))
  await writeFile(join(folder, 'results.md'), markdown(results))
  const drawn = chart(results)
  if (drawn !== null) await writeFile(join(folder, 'chart.svg'), drawn)
}

// Lists of numbers stay on one line.
function json(results) {
  const text = JSON.stringify(results, null, 2)
  return `${text.replace(/\[[\s\d.,e+-]+\]/g, (list) => list.replace(/\s+/g, ' '))}\n`
}
