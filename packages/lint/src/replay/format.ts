import { printable } from '@gatewright/core'
import { lineOf } from '../diff/format.js'
import { inWords } from './decision.js'
import type { ReplayGroup, ReplayResult } from './replay.js'

/** A replay as text for people, or as JSON. */
export function formatReplay(result: ReplayResult, format: 'text' | 'json' = 'text'): string {
  if (format === 'json') return `${JSON.stringify(result, null, 2)}\n`
  return [...result.groups.map(textOf), ...notesOf(result)].join('\n').concat('\n')
}

function textOf({ risk, before, after, requests, samples, changes }: ReplayGroup): string {
  const [old, next] = [inWords(before), inWords(after)]
  const what = old === next ? `to ${old}` : `${old} → ${next}`
  const more = requests > samples.length ? `    and ${requests - samples.length} more\n` : ''
  return [
    `${risk.padEnd(18)} ${requests} ${requests === 1 ? 'request' : 'requests'} ${printable(what)}\n`,
    ...changes.map((change) => `  ${lineOf(change)}`),
    ...samples.map((sample) => `    ${printable(sample)}\n`),
    more
  ].join('')
}

function* notesOf({ requests, same, skipped, unlike, missing }: ReplayResult): Iterable<string> {
  yield `requests: ${requests}, treated the same: ${same}, otherwise: ${requests - same}`
  if (skipped > 0) yield `lines that are no request of an access log in the format json: ${skipped}`
  if (unlike > 0)
    yield `requests that took another route when they were logged than in the configuration before: ${unlike}`
  for (const name of missing)
    yield name === 'query'
      ? 'routes choose by the query, and the log has none: accessLog.query'
      : `routes choose by the ${printable(name)}, and not every line has it: accessLog.headers`
}
