import { type Clock, type Gauge, type InSteps, nextTurn } from '@gatewright/core'
import { fieldsOf } from './frame.js'
import type { Member } from './member.js'
import { MergedMetrics, type WorkerMetrics } from './merged-metrics.js'
import { PastCounts } from './past-counts.js'
import type { Replaced, Team } from './team.js'

/** Metrics as a scrape shows them. */
export interface Gathered {
  readonly type: string
  readonly text: string
}

export type Format = 'prometheus' | 'openmetrics'

/** How long a worker may take to tell its metrics, in milliseconds: a scraper waits for ten seconds. */
const GATHER_MS = 4_000
/** How long putting them together may hold up the primary at a time, in milliseconds: it takes the connections. */
const SLICE_MS = 2

const TYPES: Readonly<Record<Format, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8'
}

const BECAUSE: readonly Replaced[] = ['crash', 'stuck', 'restart']

/** The metrics of all workers as one, those of workers that are gone included. */
export class Gathering {
  readonly #team: () => Team
  readonly #revision: () => number
  readonly #gauges: readonly Gauge[]
  readonly #past: PastCounts
  readonly #running = new Map<Format, Promise<Gathered>>()
  #keeping: Promise<void> = Promise.resolve()

  constructor(team: () => Team, revision: () => number, gauges: readonly Gauge[], clock: Clock) {
    this.#gauges = gauges
    this.#team = team
    this.#revision = revision
    this.#past = new PastCounts(clock)
  }

  /** The metrics; one answer for all who ask at the same time. Workers that do not answer are left out, but for their counts. */
  show(format: Format): Promise<Gathered> {
    let running = this.#running.get(format)
    if (running === undefined) {
      running = this.#show(format).finally(() => this.#running.delete(format))
      this.#running.set(format, running)
    }
    return running
  }

  /** A worker has gone: its counts stay. */
  keep({ worker, lastMetrics }: Member): void {
    if (lastMetrics === null) return
    this.#keeping = this.#keeping.then(() =>
      slowly(this.#past.keep({ worker, past: true, ...lastMetrics })).catch(() => {})
    )
  }

  async #show(format: Format): Promise<Gathered> {
    const members = [...this.#team().members].filter(
      ({ state }) => state === 'serving' || state === 'leaving'
    )
    const told = await Promise.all(members.map(ask))
    await this.#keeping
    const merged = new MergedMetrics()
    for (const one of told) if (one !== null) await slowly(merged.add(one))
    await slowly(this.#past.addTo(merged))
    this.#addOwn(merged, members, told)
    return { type: TYPES[format], text: await slowly(merged.text(format)) }
  }

  #addOwn(merged: MergedMetrics, members: readonly Member[], told: readonly (WorkerMetrics | null)[]): void {
    const { replaced, size } = this.#team()
    const up = new Map(Array.from({ length: size }, (_, index) => [index + 1, 0]))
    for (const [index, { worker, state }] of members.entries())
      if (state === 'serving' && told[index]?.past === false) up.set(worker, 1)
    merged.set(
      'proxy_worker_up',
      'Whether the worker has told its metrics.',
      'gauge',
      [...up].map(([worker, value]) => [`worker="${worker}"`, value])
    )
    merged.set(
      'proxy_workers_replaced',
      'Workers that others have taken the place of: crashed, stuck, or by a restart.',
      'counter',
      BECAUSE.map((because) => [`because="${because}"`, replaced[because]])
    )
    for (const gauge of this.#gauges) {
      const samples: [string, number][] = []
      gauge.read((value, ...labels) => samples.push([labelsText(gauge.labels, labels), value]))
      merged.set(gauge.name, gauge.help, gauge.type, samples)
    }
    // Those of workers begin anew with each.
    merged.set(
      'proxy_config_revision',
      'The revision of the configuration that runs; 1 for the first.',
      'gauge',
      [['', this.#revision()]]
    )
  }
}

function labelsText(names: readonly string[], values: readonly string[]): string {
  return names.map((name, index) => `${name}="${escaped(values[index] ?? '')}"`).join(',')
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

async function ask(member: Member): Promise<WorkerMetrics | null> {
  const { worker, channel } = member
  try {
    const { body, text } = await channel.ask('metrics', GATHER_MS)
    member.keepMetrics(text, body)
    return { worker, text, across: fieldsOf(fieldsOf(body).across), past: false }
  } catch {
    const { lastMetrics } = member
    // One that has gone meanwhile is kept by then.
    return lastMetrics === null || member.state === 'gone' ? null : { worker, past: true, ...lastMetrics }
  }
}

async function slowly<T>(steps: InSteps<T>): Promise<T> {
  let since = performance.now()
  let step = steps.next()
  while (step.done !== true) {
    if (performance.now() - since > SLICE_MS) {
      await nextTurn()
      since = performance.now()
    }
    step = steps.next()
  }
  return step.value
}
