import type { Objectives } from './inventory.js'
import { playbookOf } from './playbook.js'
import type { Rule } from './rule.js'

const WINDOWS = ['5m', '30m', '1h', '6h', '3d'] as const
type Window = (typeof WINDOWS)[number]

// A client that left says nothing of the gateway.
const COUNTED = 'class!="left"'

/** The series that the alerts compare: which share of the requests has missed an objective, by route. */
export function ratios({ latency }: Objectives): Rule[] {
  return WINDOWS.flatMap((window) => [
    {
      record: `proxy:availability:error_ratio_${window}`,
      expr: `(${errors(window)}) / ${all(window)}`
    },
    {
      record: `proxy:latency:error_ratio_${window}`,
      expr: `1 - ${sum(`proxy_response_head_seconds_bucket{${bucket(latency)}}`, window)} / ${sum('proxy_response_head_seconds_count', window)}`
    }
  ])
}

// Answers that broke off count too, though their status was good; where none can, that is no reason for no series.
function errors(window: Window): string {
  const none = `0 * ${all(window)}`
  return `(${sum('proxy_responses_total{class="5xx"}', window)} or ${none}) + (${sum('proxy_broken_answers_total', window)} or ${none})`
}

function all(window: Window): string {
  return sum(`proxy_responses_total{${COUNTED}}`, window)
}

// Gateways of different jobs may have routes of the same name.
function sum(series: string, window: Window): string {
  return `sum by (job, route) (rate(${series}[${window}]))`
}

interface Burn {
  readonly objective: 'availability' | 'latency'
  readonly speed: string
  /** How many times faster than allowed the budget of errors is spent. */
  readonly rate: number
  readonly long: Window
  readonly short: Window
  readonly severity: 'page' | 'ticket'
}

function burns(objective: Burn['objective']): Burn[] {
  return [
    { objective, speed: 'Fast', rate: 14.4, long: '1h', short: '5m', severity: 'page' },
    { objective, speed: 'Steady', rate: 6, long: '6h', short: '30m', severity: 'page' },
    { objective, speed: 'Slow', rate: 1, long: '3d', short: '6h', severity: 'ticket' }
  ]
}

/** Alerts for budgets of errors that are spent too fast. With a large budget some speeds cannot be reached. */
export function burnAlerts(objectives: Objectives): Rule[] {
  return [...burns('availability'), ...burns('latency')]
    .filter((burn) => thresholdOf(burn, objectives) < 1)
    .map((burn) => alertOf(burn, objectives))
}

function shareOf({ objective }: Burn, { availability, latencyShare }: Objectives): number {
  return objective === 'availability' ? availability : latencyShare
}

function thresholdOf(burn: Burn, objectives: Objectives): number {
  return rounded(burn.rate * (1 - shareOf(burn, objectives)))
}

function alertOf(burn: Burn, objectives: Objectives): Rule {
  const { objective, speed, rate, long, short, severity } = burn
  const share = shareOf(burn, objectives)
  const most = thresholdOf(burn, objectives)
  const ratio = (window: Window): string => `proxy:${objective}:error_ratio_${window} > ${most}`
  const promise =
    objective === 'availability'
      ? `${rounded(share * 100)} % of requests without a server error`
      : `${rounded(share * 100)} % of requests within ${objectives.latency} s`
  const name = objective === 'availability' ? 'Availability' : 'Latency'
  return {
    alert: `Gateway${name}Burn${speed}`,
    expr: `${ratio(long)} and ${ratio(short)}`,
    labels: { severity },
    annotations: {
      summary: `Route {{ $labels.route }} spends its ${objective} budget ${rate} times too fast`,
      description: `Objective: ${promise}. {{ $value | humanizePercentage }} missed it within ${long}. Ask proxy_request_reasons_total for the reasons.`,
      // One for all speeds.
      runbook_url: playbookOf(`Gateway${name}Burn`) as string
    }
  }
}

// Prometheus 3 writes whole numbers as 1.0, Prometheus 2 as 1.
function bucket(bound: number): string {
  return Number.isInteger(bound) ? `le=~"${bound}|${bound}[.]0"` : `le="${bound}"`
}

// Not 0.0010000000000000009.
function rounded(value: number): number {
  return Number(value.toPrecision(6))
}
