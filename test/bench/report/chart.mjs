import { short, whole } from './numbers.mjs'
import { ratio } from './ratios.mjs'

const CASE = 'json-64'
const REFERENCE = 'fastify-http-proxy'
const OURS = 'gatewright'

const WIDTH = 760
const LEFT = 168
const RIGHT = 132
const TOP = 76
const ROW = 34
const BAR = 20

/** The chart of requests per second relative to @fastify/http-proxy as SVG; `null` before that was measured. */
export function chart({ machine, cases: { [CASE]: entry } }) {
  if (entry === undefined || !(REFERENCE in entry.contestants)) return null
  const bars = Object.entries(entry.contestants)
    .map(([name, { median }]) => ({ name, rps: median.rps, ratio: ratio(entry, 'rps', name, REFERENCE) }))
    .sort((a, b) => b.ratio - a.ratio)
  const height = TOP + bars.length * ROW + 40
  const scale = (WIDTH - LEFT - RIGHT) / bars[0].ratio
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title">
<title id="title">${bars.map((bar) => `${bar.name} ${short(bar.ratio)}`).join(', ')} times the requests per second of ${REFERENCE}</title>
${STYLE}
<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="10"/>
<text class="heading" x="24" y="34">Requests per second, one process each</text>
<text class="note" x="24" y="55">relative to @fastify/http-proxy · small JSON, unique URLs, 64 connections</text>
<line class="one" x1="${LEFT + scale}" x2="${LEFT + scale}" y1="${TOP - 6}" y2="${TOP + bars.length * ROW}"/>
${bars.map((bar, index) => row(bar, TOP + index * ROW, scale)).join('\n')}
<text class="note" x="24" y="${height - 15}">${escaped(machine.cpu)} · Node ${machine.node} · medians of ${entry.rounds} alternating rounds</text>
</svg>
`
}

function row({ name, rps, ratio: relative }, y, scale) {
  const width = Math.max(relative * scale, 3).toFixed(1)
  const kind = name === OURS ? 'ours' : 'other'
  const middle = y + BAR / 2 + 4.5
  return `<g class="${kind}">
<text class="name" x="${LEFT - 12}" y="${middle}">${name}</text>
<rect class="bar" x="${LEFT}" y="${y}" width="${width}" height="${BAR}" rx="4"/>
<text class="value" x="${LEFT + Number(width) + 9}" y="${middle}">${short(relative)}× <tspan class="rps">${whole(rps)}/s</tspan></text>
</g>`
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

// Plain rules, no custom properties: some SVG renderers do not know them.
const STYLE = `<style>
text { font: 13px ui-sans-serif, system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
.card { fill: #ffffff; stroke: #d8dee4 }
.heading { font-size: 17px; font-weight: 600 }
.note, .rps { font-size: 12px; font-weight: 400; fill: #59636e }
.name { text-anchor: end }
.value { paint-order: stroke; stroke: #ffffff; stroke-width: 4px }
.bar { fill: #b6c2cf }
.ours .bar { fill: #0f7b6c }
.ours text { font-weight: 600 }
.one { stroke: #59636e; stroke-dasharray: 2 4 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.card { fill: #0d1117; stroke: #30363d }
.note, .rps { fill: #9198a1 }
.value { stroke: #0d1117 }
.bar { fill: #444c56 }
.ours .bar { fill: #2bb8a3 }
.one { stroke: #9198a1 }
}
</style>`
