import { short, times, whole } from './numbers.mjs'
import { shownRatio } from './ratios.mjs'
import { table } from './table.mjs'

const MiB = 1024 ** 2

/** From this size on a case is about throughput, not about requests. */
const LARGE = 65_536

/** The table of a case, by its kind. */
export function caseTable(entry) {
  return { rounds: roundsTable, start: startTable, stream: streamTable }[entry.kind](entry)
}

function roundsTable(entry) {
  const large = entry.bytes >= LARGE
  const head = ['', 'req/s', '×', 'CPU µs/req', '×', 'p50 ms', 'p99 ms', '×', 'core busy', 'RSS MiB']
  if (large) head.splice(2, 0, 'MiB/s')
  const rows = Object.entries(entry.contestants).map(([name, { median, rounds, rssMiB, peakMiB }]) => {
    const errors = rounds.errors.reduce((sum, count) => sum + count, 0)
    const cells = [
      errors === 0 ? name : `${name} (**${whole(errors)} errors**)`,
      whole(median.rps),
      times(shownRatio(entry, 'rps', name)),
      short(median.cpuUs),
      times(shownRatio(entry, 'cpuUs', name)),
      short(median.p50Ms),
      short(median.p99Ms),
      times(shownRatio(entry, 'p99Ms', name)),
      `${Math.round(median.busy * 100)} %`,
      `${rssMiB} (${peakMiB})`
    ]
    if (large) cells.splice(2, 0, whole((median.rps * entry.bytes) / MiB))
    return cells
  })
  return table(head, rows)
}

function startTable(entry) {
  const head = ['', 'import → listening ms', '×', 'process → listening ms', 'RSS MiB']
  const rows = Object.entries(entry.contestants).map(([name, { median }]) => [
    name,
    short(median.importMs),
    times(shownRatio(entry, 'importMs', name)),
    short(median.sinceBootMs),
    short(median.rssMiB)
  ])
  return table(head, rows)
}

function streamTable({ bytes, contestants }) {
  const head = ['', 'MiB streamed', 'MiB/s', 'RSS before MiB', 'RSS at most MiB']
  const rows = Object.entries(contestants).flatMap(([name, ways]) =>
    Object.entries(ways).map(([way, { startMiB, peakMiB, mibPerSecond }]) => [
      `${name}, ${way}`,
      whole(bytes / MiB),
      whole(mibPerSecond),
      whole(startMiB),
      whole(peakMiB)
    ])
  )
  return table(head, rows)
}
