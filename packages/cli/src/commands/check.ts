import { ConfigFileError, type FileProblem, type LoadedConfig, loadConfig } from '@gatewright/config'
import type { Finding, FindingFormat, Severity } from '@gatewright/lint'
import type { Command, Input } from '../command.js'
import { configFiles } from '../config-files.js'
import { choice, formatOf } from '../failing.js'
import { loadInvariants } from '../invariants.js'
import { JSON_OUTPUT } from '../shared-options.js'
import { validate } from '../validated.js'

const SEVERITIES = ['error', 'warning', 'info', 'never'] as const

export const check: Command = {
  name: 'check',
  summary: 'Say what is wrong with a configuration, and what is risky',
  usage: '[FILE|URL...]',
  takes: [0, Number.POSITIVE_INFINITY],
  options: [
    {
      name: 'format',
      value: 'FORMAT',
      about: 'text, json, or sarif: SARIF 2.1.0, for code scanning. Default text.'
    },
    {
      name: 'fail-on',
      value: 'SEVERITY',
      about:
        'Exit with 1 for a finding of this severity or a worse one: error, warning, info, or never. Default error; warning with --production.'
    },
    {
      name: 'production',
      about:
        'Look for what works, and is not enough in production, too: the rules whose ids begin with `production.`.'
    },
    {
      name: 'invariants',
      value: 'FILE',
      many: true,
      about:
        'A module whose default export is a list of invariants: they must hold besides those of the configuration.'
    },
    JSON_OUTPUT
  ],
  about: [
    'Everything is read and checked as at a start; nothing listens, and no file of a log is opened. All problems are listed, each with its file, line and path.',
    'A configuration without problems is looked through by the rules of the lint, and by its invariants. Waivers, severities and invariants stand in its key `lint`.'
  ],
  examples: [
    'gatewright check',
    'gatewright check gateway.yaml routes.d --fail-on warning',
    'gatewright check --production',
    'gatewright check --format sarif > gatewright.sarif'
  ],
  exits: { 1: 'the configuration has problems, or findings as severe as `--fail-on` says' },
  async run(input) {
    const { cwd, env, stdout } = input.terminal
    const format = formatOf<'sarif'>(input, ['text', 'json', 'sarif'])
    const failOn = choice(input, 'fail-on', SEVERITIES) ?? (input.flag('production') ? 'warning' : 'error')
    const files = configFiles(input)
    const { exitCodeOf, formatFindings } = await import('@gatewright/lint')
    try {
      const loaded = await loadConfig([...files], { cwd, env })
      await validate(loaded)
      const findings = await findingsIn(loaded, input)
      const code = exitCodeOf(findings, failOn)
      stdout.write(
        format === 'json'
          ? `${JSON.stringify({ ok: code === 0, problems: [], findings }, null, 2)}\n`
          : format === 'sarif'
            ? formatFindings(findings, format, { file: files[0] ?? '' })
            : textOf(findings, loaded, files, code, formatFindings)
      )
      return code
    } catch (error) {
      if (!(error instanceof ConfigFileError)) throw error
      const { message, problems } = error
      stdout.write(
        format === 'json'
          ? `${JSON.stringify({ ok: false, problems, findings: [] }, null, 2)}\n`
          : format === 'sarif'
            ? formatFindings(problems.map(asFinding), format, { file: files[0] ?? '' })
            : `${message}\n`
      )
      return 1
    }
  }
}

async function findingsIn(loaded: LoadedConfig, input: Input): Promise<readonly Finding[]> {
  const { checkInvariants, lint } = await import('@gatewright/lint')
  const { config, locate } = loaded
  const more = await loadInvariants(input.texts('invariants'), input.terminal)
  const violations = checkInvariants(config, [...(config.lint?.invariants ?? []), ...more], { locate })
  return [...violations, ...lint(config, { locate, production: input.flag('production') })].map(
    (finding) => ({
      ...loaded.redacted(finding),
      id: finding.id,
      severity: finding.severity
    })
  )
}

function textOf(
  findings: readonly Finding[],
  { config: { routes = [], pools = {} } }: LoadedConfig,
  files: readonly string[],
  code: number,
  format: (findings: readonly Finding[], format: FindingFormat) => string
): string {
  const found = findings.length === 0 ? '' : format(findings, 'text')
  if (code !== 0) return found
  return `${found}${files.join(', ')}: ok (${routes.length} routes, ${Object.keys(pools).length} pools)\n`
}

function asFinding({ path, message, position }: FileProblem): Finding {
  const severity: Severity = 'error'
  return {
    id: 'configuration-invalid',
    severity,
    path,
    message,
    fix: 'A gateway refuses to start with it.',
    ...(position === undefined ? {} : { position })
  }
}
