/**
 * How much the last third may lie above the middle third: as a share, and in units of the figure. Compared is what half of
 * the samples are below; of times a quarter, as other work of the machine can only add to them.
 */
const bounds = {
  rssMiB: { name: 'resident memory (MiB)', share: 0.1, least: 15 },
  heapMiB: { name: 'live heap (MiB)', share: 0.1, least: 5 },
  externalMiB: { name: 'memory outside the heap (MiB)', share: 0.2, least: 10 },
  files: { name: 'open files and sockets', share: 0.2, least: 30 },
  timers: { name: 'timers', share: 0.2, least: 10 },
  delayP99Ms: { name: 'event-loop delay p99 (ms)', share: 0.5, least: 5, below: 0.25 },
  readP99Ms: { name: 'latency of reads p99 (ms)', share: 0.5, least: 100, below: 0.25 }
}

/** What kept and what did not: sentences with figures. */
export function verdicts({ samples, rest, exitCode }) {
  const third = Math.floor(samples.length / 3)
  const [middle, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)]
  const grown = Object.entries(bounds).map(([key, { name, share, least, below = 0.5 }]) => {
    const [before, after] = [quantile(middle, key, below), quantile(last, key, below)]
    const kept = after - before <= Math.max(before * share, least)
    return {
      kept,
      text: `${name}: ${before.toFixed(1)} in the middle third, ${after.toFixed(1)} in the last`
    }
  })
  const { wrong, examples } = sums([...samples, rest])
  return [
    { kept: wrong === 0, text: `wrong answers: ${[wrong, ...examples.slice(0, 3)].join('; ')}` },
    ...grown,
    { kept: rest.running === 0, text: `requests without an end: ${rest.running}` },
    { kept: rest.sockets <= 12, text: `sockets after a rest: ${rest.sockets}` },
    { kept: exitCode === 0, text: `exit code after SIGTERM: ${exitCode}` }
  ]
}

/** All samples' counts together, by kind and in all. */
export function sums(samples) {
  const kinds = {}
  const all = { ok: 0, told: 0, cut: 0, wrong: 0 }
  const examples = []
  for (const sample of samples) {
    examples.push(...sample.examples)
    for (const [kind, counts] of Object.entries(sample.kinds)) {
      kinds[kind] ??= { ok: 0, told: 0, cut: 0, wrong: 0 }
      for (const [result, count] of Object.entries(counts)) {
        kinds[kind][result] += count
        all[result] += count
      }
    }
  }
  return { kinds, ...all, examples }
}

function quantile(samples, key, below) {
  const sorted = samples.map((sample) => sample[key]).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length * below)] ?? 0
}
