import type { Alert } from '@gatewright/core'
import { burnAlerts, ratios } from './burn-rates.js'
import type { Inventory } from './inventory.js'
import { playbookOf } from './playbook.js'
import type { Rule } from './rule.js'
import { PROCESS_ALERTS, STATE_ALERTS } from './state-alerts.js'

/** A file of rules, as Prometheus reads it. */
export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[]
}

/**
 * The alerts for a gateway with this inventory: burn rates of its objectives (Google's SRE workbook, chapter 5:
 * several windows, several rates), states of the gateway, and those that the features in use add.
 */
export function rulesOf(inventory: Inventory): RuleFile {
  return {
    groups: [
      { name: 'gatewright-ratios', rules: ratios(inventory.objectives) },
      {
        name: 'gatewright-objectives',
        rules: burnAlerts(inventory.objectives)
      },
      { name: 'gatewright-state', rules: stateAlerts(inventory).map(ruleOf) }
    ]
  }
}

function stateAlerts({ hasProcess, monitoring }: Inventory): Alert[] {
  const added = monitoring.flatMap(({ alerts }) => alerts)
  return [...STATE_ALERTS, ...(hasProcess ? PROCESS_ALERTS : []), ...added]
}

function ruleOf({ name, expr, for: lasts, severity, summary, description, runbook }: Alert): Rule {
  const url = runbook ?? playbookOf(name)
  const annotations = { summary, description, ...(url === undefined ? {} : { runbook_url: url }) }
  return { alert: name, expr, for: lasts, labels: { severity }, annotations }
}
