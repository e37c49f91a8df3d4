import { sums } from './verdicts.mjs'

const WIDTH = 760
const LEFT = 64
const RIGHT = 24
const PANEL = 96
const GAP = 40
const TOP = 70

/** What is drawn, one panel each: lines of one unit. */
const panels = [
  { title: 'memory, MiB', lines: { resident: 'rssMiB', 'live heap': 'heapMiB' } },
  { title: 'open files and sockets', lines: { files: 'files' } },
  { title: 'event-loop delay, ms', lines: { p99: 'delayP99Ms' } },
  { title: 'latency of reads, ms', lines: { p99: 'readP99Ms', p50: 'readP50Ms' } },
  { title: 'requests that failed, %', lines: { 'told or cut': failedPercent } }
]

/** The run as SVG. */
export function chart({ samples, minutes, rate, machine }) {
  const height = TOP + panels.length * (PANEL + GAP) + 10
  const until = samples.at(-1).second
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title">
<title id="title">A soak of ${minutes} minutes: memory, sockets, event-loop delay, latency and failures over time</title>
${STYLE}
<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="10"/>
<text class="heading" x="24" y="34">Soak: ${minutes} minutes, ${rate} requests/s, everything on</text>
<text class="note" x="24" y="54">${machine.cpu.replaceAll('&', '&amp;').replaceAll('<', '&lt;')} · Node ${machine.node}</text>
${panels.map((panel, index) => drawPanel(panel, TOP + 22 + index * (PANEL + GAP), samples, until)).join('\n')}
</svg>
`
}

function drawPanel({ title, lines }, y, samples, until) {
  const series = Object.entries(lines).map(([name, of]) => ({
    name,
    values: samples.map((sample) => (typeof of === 'function' ? of(sample) : sample[of]))
  }))
  const most = Math.max(1e-9, ...series.flatMap(({ values }) => values)) * 1.1
  const across = (second) => LEFT + (second / until) * (WIDTH - LEFT - RIGHT)
  const up = (value) => y + PANEL - (value / most) * PANEL
  const paths = series.map(({ values }, index) => {
    const points = values.map(
      (value, at) => `${across(samples[at].second).toFixed(1)},${up(value).toFixed(1)}`
    )
    return `<polyline class="line${index}" points="${points.join(' ')}"/>`
  })
  const names = series.map(({ name }, index) => `<tspan class="name${index}" dx="4">${name}</tspan>`)
  return `<text class="note" x="${LEFT}" y="${y - 8}">${title}:${names.join(',')}</text>
<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y + PANEL}" y2="${y + PANEL}"/>
<text class="tick" x="${LEFT - 8}" y="${y + 10}">${most < 10 ? most.toPrecision(2) : Math.round(most)}</text>
<text class="tick" x="${LEFT - 8}" y="${y + PANEL}">0</text>
${paths.join('\n')}`
}

function failedPercent(sample) {
  const { ok, told, cut, wrong } = sums([sample])
  return (100 * (told + cut + wrong)) / Math.max(1, ok + told + cut + wrong)
}

const STYLE = `<style>
text { font: 12px ui-sans-serif, system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
.card { fill: #ffffff; stroke: #d8dee4 }
.heading { font-size: 17px; font-weight: 600 }
.note, .tick { fill: #59636e }
.tick { text-anchor: end }
.axis { stroke: #d8dee4 }
polyline { fill: none; stroke-width: 1.5 }
.line0 { stroke: #0f7b6c }
.line1 { stroke: #b6862c }
.name0 { fill: #0f7b6c }
.name1 { fill: #b6862c }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.card { fill: #0d1117; stroke: #30363d }
.note, .tick { fill: #9198a1 }
.axis { stroke: #30363d }
.line0 { stroke: #2bb8a3 }
.line1 { stroke: #d9a441 }
.name0 { fill: #2bb8a3 }
.name1 { fill: #d9a441 }
}
</style>`
