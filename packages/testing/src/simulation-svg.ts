import type { SimulatedSecond, SimulationResult } from './simulation-result.js'

const WIDTH = 800
const HEIGHT = 120

const LINES: readonly [label: string, colour: string, value: (second: SimulatedSecond) => number][] = [
  ['good answers/s', '#2a7', ({ good }) => good],
  ['failed answers/s', '#c33', ({ failed }) => failed],
  ['attempts/s', '#36c', ({ attempts }) => attempts],
  ['p99 ms', '#a60', ({ p99Ms }) => p99Ms]
]

/** Draws the timeline of a simulation: one strip each for good and failed answers, attempts and p99, as an SVG text. */
export function toSvg({ timeline }: SimulationResult): string {
  const strips = LINES.map(([label, colour, value], index) => {
    const values = timeline.map(value)
    const most = values.reduce((a, b) => Math.max(a, b), 1)
    const points = values.map((v, second) => {
      const x = (second / Math.max(1, values.length - 1)) * WIDTH
      return `${x.toFixed(1)},${(HEIGHT - (v / most) * (HEIGHT - 20)).toFixed(1)}`
    })
    return `<g transform="translate(0 ${index * (HEIGHT + 10)})"><text y="12" fill="${colour}">${label}, to ${Math.round(most)}</text><polyline fill="none" stroke="${colour}" points="${points.join(' ')}"/></g>`
  })
  const height = LINES.length * (HEIGHT + 10)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">${strips.join('')}</svg>\n`
}
