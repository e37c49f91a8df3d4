import { retryOf } from './retries.js'
import type { LintRule } from './rule.js'

export const perTryExceedsTotal: LintRule = {
  id: 'timeouts.per-try-exceeds-total',
  severity: 'warning',
  title: 'All attempts together take longer than the whole may',
  explanation:
    '`perTry` times `attempts` is more than `total`: the last attempts are cut off by `total`, or never begin. The client waits as long, and the retries that were meant do not take place.',
  fix: 'Make `perTry` at most `total` divided by `attempts`, or `total` longer.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - path: /*
    pool: users
    timeouts: { perTry: 2s, total: 5s }
    retry: { attempts: 3 }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - path: /*
    pool: users
    timeouts: { perTry: 2s, total: 7s }
    retry: { attempts: 3 }`,
  *find({ forwarding }) {
    for (const route of forwarding) {
      const perTry = route.timeout('perTry')
      const total = route.timeout('total')
      if (perTry === undefined || total === undefined) continue
      const attempts = retryOf(route)?.options.attempts ?? (retryOf(route) === undefined ? 1 : 2)
      const [each, all] = [route.timeoutMs('perTry'), route.timeoutMs('total')]
      if (each === 0 || all === 0 || each * attempts <= all) continue
      yield {
        path: nearer(perTry, total),
        message:
          attempts === 1
            ? `perTry (${perTry.value}) is longer than total (${total.value}), which ends the request first`
            : `${attempts} attempts of ${perTry.value} take longer than total (${total.value})`
      }
    }
  }
}

const NEAREST = { route: 0, policy: 1, pool: 2, gateway: 3 } as const

// The one that the route says itself is the one to change.
function nearer(a: GivenPlace, b: GivenPlace): string {
  return NEAREST[a.from] <= NEAREST[b.from] ? a.path : b.path
}

type GivenPlace = { readonly path: string; readonly from: keyof typeof NEAREST }
