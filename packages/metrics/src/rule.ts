/** A rule of Prometheus that records a series, or raises an alert. */
export type Rule =
  | { readonly record: string; readonly expr: string }
  | {
      readonly alert: string
      readonly expr: string
      readonly for?: string
      readonly labels: { readonly severity: 'page' | 'ticket' }
      readonly annotations: {
        readonly summary: string
        readonly description: string
        /** Where it stands what to do. */
        readonly runbook_url?: string
      }
    }
