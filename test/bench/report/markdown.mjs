import { cases } from '../cases.mjs'
import { caseTable } from './case-tables.mjs'
import { table } from './table.mjs'
import { judge } from './targets.mjs'

/** The page `results.md`. */
export function markdown(results) {
  const measured = cases.filter(({ name }) => name in results.cases)
  const sections = [
    '# Benchmark results',
    'Made by `npm run bench`; do not edit. [How to run and read them](README.md).',
    '![Requests per second beside other proxies](chart.svg)',
    '## Targets',
    targetTable(results),
    '## Method',
    method(results.machine),
    ...measured.flatMap(({ name }) => caseSection(name, results.cases[name]))
  ]
  return `${sections.join('\n\n')}\n`
}

function targetTable(results) {
  const rows = judge(results).map(({ what, wanted, measured, met }) => [
    what,
    wanted,
    measured ?? 'not measured',
    met === null ? '' : met ? '✓' : '✗'
  ])
  return table(['', 'wanted', 'measured', ''], rows)
}

function method({ cpu, cores, memoryGiB, kernel, node, upstream, pinning, versions }) {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `${cpu}, ${cores} cores, ${memoryGiB} GiB, Linux ${kernel}, Node ${node}. Pinning: ${pinning}. \
Each proxy is one process with keep-alive to its upstreams (${upstream}) and no access log. All proxies of a \
case stay alive; after a warm-up they are loaded by turns in short rounds, in another order each time, and are started \
anew for each third of the rounds. Figures are medians over the rounds. **A ratio is the median of the ratios within each round**, \
so that noise of the machine, which hits neighbours alike, cancels out; it stands in the columns headed ×. CPU is user and system time of the \
whole proxy process; RSS is after the last round, the highest in parentheses.

Compared with: ${list.join(', ')}.`
}

function caseSection(name, entry) {
  const { title, date, quick, ratioOf, ratioTo, skipped = {}, contestants } = entry
  const lines = [`${title}.`, `${extent(entry)}${date.slice(0, 10)}.`]
  if (quick) lines.push('**A quick look, not a measurement.**')
  if (ratioOf !== undefined) lines.push(`×: ${ratioOf} to that row.`)
  if (ratioTo !== undefined) lines.push(`×: that row to ${ratioTo}.`)
  for (const [who, why] of Object.entries(skipped)) lines.push(`**Skipped: ${who}** (${why}).`)
  for (const [who, { listenMs }] of Object.entries(contestants))
    if (listenMs !== undefined) lines.push(`${who}: listening ${listenMs} ms after \`createGateway\`.`)
  return [`## ${name}`, lines.join(' '), caseTable(entry)]
}

function extent({ kind, rounds, seconds, runs }) {
  if (kind === 'rounds') return `${rounds} rounds of ${seconds} s, `
  return kind === 'start' ? `${runs} runs in turn, ` : ''
}
