import { pathToFileURL } from 'node:url'
import type { Location, Log, ReportingDescriptor, Result } from 'sarif'
import type { Rule, Severity } from '../rules/rule.js'
import type { Finding, Position } from './finding.js'

const LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const satisfies Record<
  Severity,
  Result.level
>

/** Findings as SARIF 2.1.0 (OASIS), for code scanning. Waived ones are there as suppressed. */
export function sarifOf(findings: readonly Finding[], rules: readonly Rule[]): Log {
  const others = [...new Set(findings.map(({ id }) => id))].filter(
    (id) => !rules.some((rule) => rule.id === id)
  )
  const ids = [...rules.map(({ id }) => id), ...others]
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'gatewright',
            informationUri: DOCS,
            rules: [...rules.map(ruleOf), ...others.map((id) => ({ id }))]
          }
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => resultOf(finding, ids.indexOf(finding.id)))
      }
    ]
  }
}

const DOCS = 'https://github.com/gatewright/gatewright/blob/main/docs/lint.md'

function ruleOf({ id, severity, title, explanation, fix }: Rule): ReportingDescriptor {
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: explanation },
    help: { text: fix },
    helpUri: `${DOCS}#${id.replaceAll(/[^\w-]/g, '')}`,
    defaultConfiguration: { level: LEVELS[severity] }
  }
}

function resultOf(
  { id, severity, path, message, fix, position, waivedBy }: Finding,
  ruleIndex: number
): Result {
  return {
    ruleId: id,
    ruleIndex,
    level: LEVELS[severity],
    message: { text: `${path === '' ? '' : `${path}: `}${message}. ${fix}` },
    locations: [
      {
        ...(position === undefined ? {} : { physicalLocation: physical(position) }),
        ...(path === '' ? {} : { logicalLocations: [{ fullyQualifiedName: path, kind: 'member' }] })
      }
    ],
    partialFingerprints: { 'gatewright/v1': `${id} ${path}` },
    ...(waivedBy === undefined
      ? {}
      : { suppressions: [{ kind: 'inSource', status: 'accepted', justification: waivedBy.reason }] })
  }
}

function physical({ file, line, column }: Position): NonNullable<Location['physicalLocation']> {
  return {
    artifactLocation: { uri: uriOf(file) },
    region: { startLine: line, startColumn: column }
  }
}

// Relative to the root of the repository, as scanners want it; an absolute path as a URL.
function uriOf(file: string): string {
  if (/^(?:\/|[a-z]:[\\/])/i.test(file)) return pathToFileURL(file).href
  return file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/')
}
