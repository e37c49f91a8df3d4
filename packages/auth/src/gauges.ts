import type { Gauge } from '@gatewright/core'
import type { Authentication } from './authentication.js'

/** What schemes tell of themselves: see `Scheme.figures`. */
const FIGURES: readonly (readonly [name: string, help: string])[] = [
  ['proxy_auth_tokens', 'Verified tokens that are remembered.'],
  ['proxy_auth_token_hits_total', 'Requests whose token was remembered.'],
  ['proxy_auth_tokens_verified_total', 'Tokens whose signature was verified.'],
  ['proxy_auth_tokens_refused_total', 'Requests whose token was refused.'],
  ['proxy_auth_introspections_total', 'Tokens that were looked up where they were issued.'],
  ['proxy_auth_introspection_failures_total', 'Look-ups of tokens without an answer.'],
  ['proxy_auth_keys', 'Fetched keys that tokens are verified with.'],
  ['proxy_auth_keys_age_seconds', 'Time since keys were fetched.'],
  [
    'proxy_auth_keys_stale',
    '1 while keys are used beyond their time, as newer ones cannot be fetched; else 0.'
  ],
  ['proxy_auth_key_fetches_total', 'Fetches of keys.'],
  ['proxy_auth_key_fetch_failures_total', 'Fetches of keys that failed.']
]

/** How many clients have failed, how often they were refused for it, and what schemes tell of themselves. */
export function authGauges(authentication: Authentication): Gauge[] {
  return [
    {
      name: 'proxy_auth_failing_clients',
      help: 'Clients whose failed attempts are counted.',
      type: 'gauge',
      labels: [],
      read: (show) => show(authentication.state().failingClients)
    },
    {
      name: 'proxy_auth_throttled_total',
      help: 'Requests that were refused, as their client had failed too often.',
      type: 'counter',
      labels: [],
      read: (show) => show(authentication.state().throttled)
    },
    ...FIGURES.map(
      ([name, help]): Gauge => ({
        name,
        help,
        type: name.endsWith('_total') ? 'counter' : 'gauge',
        labels: ['scheme'],
        read(show) {
          for (const scheme of authentication.schemes)
            for (const [metric, value] of scheme.figures?.() ?? [])
              if (metric === name) show(value, scheme.name)
        }
      })
    )
  ]
}
