import assert from 'node:assert/strict'
import { posix } from 'node:path'
import { test } from 'node:test'
import { testNamesOf } from '../support/test-names.js'
import { read } from '../support/workspace.js'

const PAGE = 'docs/behaviours.md'

/** The sections of the page, by the behaviours in them. */
const SECTIONS = [
  [1, 166],
  [169, 169],
  [171, 184]
] as const

interface Row {
  readonly number: number
  /** The file, relative to the root, or `''` for a behaviour that is still to come. */
  readonly file: string
  /** The name of a test in it, or what is to bring the behaviour. */
  readonly proof: string
}

const ROW = /^\| (\d+) \| (.+?) \| (?:\[[^\]]+\]\(([^)]+)\)|not yet|never) \| (.+) \|$/

const rows = read(PAGE)
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line): Row => {
    const [, number, , file, proof = ''] = ROW.exec(line) ?? assert.fail(`this row cannot be read: ${line}`)
    return { number: Number(number), file: file === undefined ? '' : posix.join('docs', file), proof }
  })

test(`${PAGE} has every behaviour, in order`, () => {
  const expected = SECTIONS.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i))
  assert.deepEqual(
    rows.map(({ number }) => number).filter((number, index, all) => number !== all[index - 1]),
    expected
  )
})

test(`${PAGE} names tests that exist`, () => {
  const named = rows.filter(({ file }) => file !== '')
  const names = new Map(named.map(({ file }) => [file, new Set(testNamesOf(read(file)))]))
  const missing = named.filter(({ file, proof }) => names.get(file)?.has(proof) !== true)
  assert.deepEqual(missing, [])
})
