import type { InSteps } from '@gatewright/core'
import { sampleOf, valueText, withLabel } from './exposition-lines.js'

/** How the values of several workers become one, where they are not added up. */
export type AcrossWorkers = 'sum' | 'min' | 'max' | 'average' | 'omit'

/** What one worker has told, as OpenMetrics. */
export interface WorkerMetrics {
  /** The number of the worker, from 1. */
  readonly worker: number
  readonly text: string
  /** By family, where it is not a sum. */
  readonly across: Readonly<Record<string, unknown>>
  /** Whether these are the counts of a worker that is gone or does not answer: what only grows counts on, gauges are left out. */
  readonly past: boolean
}

interface Merged {
  value: number
  count: number
  exemplar: string
}

interface MergedFamily {
  readonly name: string
  help: string
  readonly type: string
  readonly series: Map<string, Merged>
}

/** Metrics of a process, which have the worker's number as a label: their sum would say nothing of any of them. */
const OF_PROCESS = /^(?:process|nodejs)_/
/** Lines between two looks at the time. */
const STRIDE = 250

/** All workers' metrics as one: what only grows is added up, gauges go by their rule, and those of processes stay apart. */
export class MergedMetrics {
  readonly #families = new Map<string, MergedFamily>()

  /** Whether a series is there. */
  has(family: string, key: string): boolean {
    return this.#families.get(family)?.series.has(key) === true
  }

  /** Adds a worker's, in steps. */
  *add({ text, worker, across, past }: WorkerMetrics): InSteps<void> {
    let family: MergedFamily | null = null
    let rule: AcrossWorkers = 'sum'
    let lines = 0
    for (let at = 0; at < text.length; ) {
      const end = text.indexOf('\n', at)
      const line = text.slice(at, end === -1 ? text.length : end)
      at = end === -1 ? text.length : end + 1
      if (++lines % STRIDE === 0) yield
      if (line.startsWith('# HELP ')) {
        const [, name = '', help = ''] = /^# HELP (\S+) ?(.*)$/.exec(line) ?? []
        this.#help(name, help)
      } else if (line.startsWith('# TYPE ')) {
        const [, name = '', type = 'unknown'] = /^# TYPE (\S+) (\S+)/.exec(line) ?? []
        family = this.#family(name, type)
        rule = ruleOf(across, family)
        if (past && !grows(family)) rule = 'omit'
      } else if (family !== null && rule !== 'omit' && line !== '' && !line.startsWith('#'))
        this.#addSample(family, rule, worker, line)
    }
  }

  /** The text, in steps. */
  *text(format: 'prometheus' | 'openmetrics'): InSteps<string> {
    const isOpen = format === 'openmetrics'
    let text = ''
    let lines = 0
    for (const { name, help, type, series } of this.#families.values()) {
      if (series.size === 0) continue
      const shown = type === 'counter' && !isOpen ? `${name}_total` : name
      text += `# HELP ${shown} ${help}\n# TYPE ${shown} ${type}\n`
      for (const [key, { value, count, exemplar }] of series) {
        text += `${key} ${valueText(count > 1 ? value / count : value)}${isOpen ? exemplar : ''}\n`
        if (++lines % STRIDE === 0) yield
      }
    }
    return isOpen ? `${text}# EOF\n` : text
  }

  /** The series that only grow, and their values: what stays of a worker that has gone. */
  *grown(): InSteps<Map<string, { readonly family: string; readonly type: string; readonly value: number }>> {
    const all = new Map<string, { family: string; type: string; value: number }>()
    for (const family of this.#families.values()) {
      if (!grows(family)) continue
      for (const [key, { value }] of family.series) {
        all.set(key, { family: family.name, type: family.type, value })
        if (all.size % STRIDE === 0) yield
      }
    }
    return all
  }

  /** Adds to a series that only grows. */
  grow(family: string, type: string, key: string, value: number): void {
    add(this.#family(family, type).series, key, 'sum', value, '')
  }

  /** Sets a gauge, whatever the workers say. */
  set(
    name: string,
    help: string,
    type: 'gauge' | 'counter',
    samples: readonly (readonly [string, number])[]
  ): void {
    const series = new Map(
      samples.map(([labels, value]) => [sampleKey(name, type, labels), { value, count: 1, exemplar: '' }])
    )
    this.#families.set(name, { name, help, type, series })
  }

  #help(name: string, help: string): void {
    const known = this.#families.get(name)
    if (known === undefined) this.#families.set(name, { name, help, type: '', series: new Map() })
    else if (known.help === '') known.help = help
  }

  #family(name: string, type: string): MergedFamily {
    const known = this.#families.get(name)
    if (known?.type === type) return known
    // What the first worker said holds: of another type it would be another metric.
    if (known !== undefined && known.type !== '') return { name, help: '', type, series: new Map() }
    const made = { name, help: known?.help ?? '', type, series: new Map() }
    this.#families.set(name, made)
    return made
  }

  #addSample({ name, series }: MergedFamily, rule: AcrossWorkers, worker: number, line: string): void {
    const sample = sampleOf(line)
    if (sample === null) return
    const key = OF_PROCESS.test(name) ? withLabel(sample.key, `worker="${worker}"`) : sample.key
    add(series, key, rule, sample.value, sample.exemplar)
  }
}

function add(
  series: Map<string, Merged>,
  key: string,
  rule: AcrossWorkers,
  value: number,
  exemplar: string
): void {
  const known = series.get(key)
  if (known === undefined) {
    series.set(key, { value, count: 1, exemplar })
    return
  }
  if (rule === 'min') known.value = Math.min(known.value, value)
  else if (rule === 'max') known.value = Math.max(known.value, value)
  else {
    known.value += value
    if (rule === 'average') known.count++
  }
  if (exemplar !== '') known.exemplar = exemplar
}

function ruleOf(across: Readonly<Record<string, unknown>>, family: MergedFamily): AcrossWorkers {
  const { [family.name]: rule } = across
  if (grows(family)) return rule === 'omit' ? 'omit' : 'sum'
  return rule === 'min' || rule === 'max' || rule === 'average' || rule === 'omit' ? rule : 'sum'
}

function grows({ type, name }: MergedFamily): boolean {
  return (type === 'counter' || type === 'histogram' || type === 'summary') && !OF_PROCESS.test(name)
}

function sampleKey(name: string, type: 'gauge' | 'counter', labels: string): string {
  return `${name}${type === 'counter' ? '_total' : ''}${labels === '' ? '' : `{${labels}}`}`
}
