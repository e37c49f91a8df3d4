import { didYouMean, finish, type InSteps, InvalidValueError } from '@gatewright/core'
import type { GatewayServerConfig } from '@gatewright/gateway'
import type { Finding, Position, Waiver } from './findings/finding.js'
import { applyWaivers } from './findings/waivers.js'
import { PRODUCTION_RULES } from './production/production-rules.js'
import { RULES } from './rules/catalogue.js'
import { SEVERITIES, type Severity } from './rules/rule.js'
import { LINT_RULES } from './rules/rules.js'
import { unknownRule } from './rules/severities.js'
import { ConfigView } from './view/config-view.js'

/** What findings are looked for with. */
export interface LintOptions {
  /** Findings that are known, besides those of `lint.waivers` in the configuration. */
  readonly waivers?: readonly Waiver[]
  /** Where a value stands in a file: `locate` of a configuration that `@gatewright/config` has loaded. */
  readonly locate?: (path: string) => Position | undefined
  /** For what expires. Default: the time. */
  readonly now?: Date
  /** Other severities for rules, by id, and which of them are off; over `lint.rules` of the configuration. */
  readonly rules?: Readonly<Record<string, 'off' | Severity>>
  /** Whether what is not enough in production is looked for too: the rules whose ids begin with `production.`. Default false. */
  readonly production?: boolean
}

/**
 * What is likely to hurt in a configuration that a gateway takes: the worst first, then by where it stands. Those that a
 * waiver is for have it as `waivedBy`; a waiver that has expired, or that nothing is found for, is a finding itself.
 *
 * Throws GW_VALUE_INVALID for a severity among the options of a rule that there is not; in the configuration it is a finding.
 *
 * @example
 * for (const { id, path, message } of lint(config)) console.log(id, path, message)
 */
export function lint(config: GatewayServerConfig, options: LintOptions = {}): Finding[] {
  return finish(lintInSteps(config, options))
}

/** The same in steps, one a rule, so that a gateway goes on between them. */
export function* lintInSteps(config: GatewayServerConfig, options: LintOptions = {}): InSteps<Finding[]> {
  const { waivers = [], locate, now = new Date(), production = false } = options
  const rules = { ...config.lint?.rules, ...options.rules }
  checkSeverities(rules)
  checkIds(options.rules ?? {})
  const view = new ConfigView(config)
  const found: Finding[] = [...unknownRules(config.lint?.rules ?? {})]
  for (const rule of production ? [...LINT_RULES, ...PRODUCTION_RULES] : LINT_RULES) {
    const severity = rules[rule.id] ?? rule.severity
    if (severity === 'off') continue
    yield
    const seen = new Set<string>()
    // What a policy says is found once, however many routes have it.
    for (const { path, message } of rule.find(view, now))
      if (seen.size !== seen.add(path).size)
        found.push({ id: rule.id, severity, path, message, fix: rule.fix })
  }
  const placed = [
    ...(config.lint?.waivers ?? []).map((waiver, index) => ({ waiver, path: `lint.waivers[${index}]` })),
    ...waivers.map((waiver, index) => ({ waiver, path: `waivers[${index}]` }))
  ]
  return applyWaivers(found, placed, { ids: IDS, production }, view, now)
    .flatMap((finding) => {
      const severity = /^(?:waiver|lint)\./.test(finding.id) ? rules[finding.id] : undefined
      return severity === 'off' ? [] : [severity === undefined ? finding : { ...finding, severity }]
    })
    .map((finding) => {
      const position = locate?.(finding.path)
      return position === undefined ? finding : { ...finding, position }
    })
    .sort(
      (a, b) =>
        SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || comparePaths(a.path, b.path)
    )
}

const IDS: readonly string[] = RULES.map(({ id }) => id)

function* unknownRules(rules: object): Iterable<Finding> {
  const { id, severity, fix } = unknownRule
  for (const name of Object.keys(rules))
    if (!IDS.includes(name))
      yield {
        id,
        severity,
        path: `lint.rules.${name}`,
        message: `there is no rule '${name}'${didYouMean(name, IDS)}`,
        fix
      }
}

function checkSeverities(rules: Readonly<Record<string, string>>): void {
  for (const [id, severity] of Object.entries(rules))
    if (severity !== 'off' && !(SEVERITIES as readonly string[]).includes(severity))
      throw new InvalidValueError(
        `rules['${id}']`,
        `'off', ${SEVERITIES.map((one) => `'${one}'`).join(', ')}`
      )
}

function checkIds(rules: object): void {
  for (const id of Object.keys(rules))
    if (!IDS.includes(id))
      throw new InvalidValueError(`rules['${id}']`, `the id of a rule${didYouMean(id, IDS)}`)
}

function comparePaths(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}
