import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chart } from './chart.mjs'
import { sums } from './verdicts.mjs'

/** Writes soak.json, soak.svg and soak.md. */
export async function writeReport(folder, run, judged) {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'soak.json'), `${JSON.stringify(run)}\n`)
  await writeFile(join(folder, 'soak.svg'), chart(run))
  await writeFile(join(folder, 'soak.md'), markdown(run, judged))
}

function markdown(run, judged) {
  const { minutes, rate, seed, machine, samples, rest } = run
  const { kinds, ok, told, cut, wrong } = sums([...samples, rest])
  const all = ok + told + cut + wrong
  const percent = (count, of) => `${((100 * count) / of).toFixed(2)} %`
  const rows = Object.entries(kinds).map(([kind, counts]) => {
    const total = counts.ok + counts.told + counts.cut + counts.wrong
    return `| ${kind} | ${total} | ${percent(counts.ok, total)} | ${counts.told} | ${counts.cut} | ${counts.wrong} |`
  })
  return `# Soak

${minutes} minutes at ${rate} requests a second with everything switched on, on one machine together with its clients and its three upstreams. Every 20 seconds one upstream was killed and came back after two, or stopped for two seconds, or left the file that a pool reads; besides, 3 % of the upstreams' answers were slow, 503, cut or reset.

![Memory, sockets, event-loop delay, latency and failures over time](soak.svg)

${judged.map(({ kept, text }) => `- ${kept ? '✓' : '✗'} ${text}`).join('\n')}

| kind of request | made | as wanted | told: 502, 503, 504 | cut | wrong |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
| all | ${all} | ${percent(ok, all)} | ${told} | ${cut} | ${wrong} |

*told* is an answer that names a failure: an upload that its upstream lost is not repeated, and \`limited\` allows two requests at a time. *cut* is an answer that ended before its end, which the client sees.

Made by \`npm run soak -- --minutes ${minutes} --rate ${rate} --seed ${seed}\`: ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}. Another length is another number: a day is \`--minutes 1440\`.
`
}
