import { printable } from '@gatewright/core'
import { RULES } from '../rules/catalogue.js'
import { SEVERITIES } from '../rules/rule.js'
import type { Finding } from './finding.js'
import { sarifOf } from './sarif.js'

/** How findings are written. */
export type FindingFormat = 'text' | 'json' | 'sarif'

/** What findings are written with. */
export interface FormatOptions {
  /** In SARIF, the file of what has no position: code scanning refuses results without a file. */
  readonly file?: string
}

/** Findings as text for people, as JSON, or as SARIF 2.1.0 for code scanning. */
export function formatFindings(
  findings: readonly Finding[],
  format: FindingFormat = 'text',
  { file = '' }: FormatOptions = {}
): string {
  if (format === 'text') return textOf(findings)
  const value = format === 'json' ? findings : sarifOf(file === '' ? findings : findings.map(placed), RULES)
  return `${JSON.stringify(value, null, 2)}\n`

  function placed(finding: Finding): Finding {
    return finding.position === undefined ? { ...finding, position: { file, line: 1, column: 1 } } : finding
  }
}

function textOf(findings: readonly Finding[]): string {
  const counting = findings.filter(({ waivedBy }) => waivedBy === undefined)
  const waived = findings.length - counting.length
  const lines = counting.map(lineOf)
  const counts = SEVERITIES.flatMap((severity) => {
    const count = counting.filter((finding) => finding.severity === severity).length
    return count === 0 ? [] : [`${count} ${severity}${count === 1 || severity === 'info' ? '' : 's'}`]
  })
  if (waived > 0) counts.push(`${waived} waived`)
  return `${[...lines, counts.length === 0 ? 'nothing found' : counts.join(', ')].join('\n')}\n`
}

function lineOf({ id, severity, path, message, fix, position }: Finding): string {
  const where = position === undefined ? '' : `${position.file}:${position.line}:${position.column}  `
  return `${where}${severity}  ${id}\n  ${path === '' ? '' : `${printable(path)}: `}${printable(message)}\n  fix: ${fix}`
}
