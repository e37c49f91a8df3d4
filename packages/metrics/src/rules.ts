import { burnAlerts, ratios } from './burn-rates.js'
import type { Inventory } from './inventory.js'
import type { Rule } from './rule.js'
import { stateAlerts } from './state-alerts.js'

/** A file of rules, as Prometheus reads it. */
export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[]
}

/**
 * The alerts for a gateway with this inventory: burn rates of its objectives (Google's SRE workbook, chapter 5:
 * several windows, several rates), saturation, endpoints, breakers, certificates.
 */
export function rulesOf(inventory: Inventory): RuleFile {
  return {
    groups: [
      { name: 'gatewright-ratios', rules: ratios(inventory.objectives) },
      {
        name: 'gatewright-objectives',
        rules: burnAlerts(inventory.objectives)
      },
      { name: 'gatewright-state', rules: stateAlerts(inventory) }
    ]
  }
}
