import { printable } from '@gatewright/core'
import type { Change, Risk } from './change.js'

/** How changes are written. */
export type ChangeFormat = 'text' | 'json' | 'markdown'

/** Changes as text for people, as JSON, or as Markdown for a review. */
export function formatChanges(changes: readonly Change[], format: ChangeFormat = 'text'): string {
  if (format === 'json') return `${JSON.stringify(changes, null, 2)}\n`
  if (changes.length === 0) return 'no change\n'
  return format === 'text' ? changes.map(lineOf).join('') : markdownOf(changes)
}

/** A change in a line. */
export function lineOf({ risk, message, via, position }: Change): string {
  const by = via === undefined ? '' : `  (by ${printable(via)})`
  const where = position === undefined ? '' : `  ${position.file}:${position.line}:${position.column}`
  return `${risk.padEnd(18)} ${printable(message)}${by}${printable(where)}\n`
}

function markdownOf(changes: readonly Change[]): string {
  const rows = changes.map(
    ({ risk, message, via = '' }) => `| ${risk} | ${escaped(message)} | ${escaped(via)} |\n`
  )
  return `| risk | change | by |\n| --- | --- | --- |\n${rows.join('')}`
}

function escaped(text: string): string {
  return printable(text).replace(/[\\`*_{}[\]<>|]/g, '\\$&')
}

/** The exit code of a command that has these changes, or groups of a replay: 1 when one of them has a risk of `failOn`, else 0. `any`: 1 for any. */
export function exitCodeOfChanges(
  changes: readonly Pick<Change, 'risk'>[],
  failOn: readonly Risk[] | 'any'
): 0 | 1 {
  if (failOn === 'any') return changes.length > 0 ? 1 : 0
  return changes.some(({ risk }) => failOn.includes(risk)) ? 1 : 0
}
