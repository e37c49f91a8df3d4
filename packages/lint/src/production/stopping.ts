import type { LintRule } from '../rules/rule.js'
import { hasProbes, shutdownMs } from '../view/operations.js'

export const noProbes: LintRule = {
  id: 'production.no-probes',
  severity: 'error',
  title: 'Nobody can ask whether the gateway is ready',
  explanation:
    'There is no probe listener, so a load balancer sends requests before the gateway is ready and after it has begun to stop, and a process that hangs is never restarted.',
  fix: 'Set `probes: true`, and let the load balancer ask `/ready` and the process manager `/live` on port 8085.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users }`,
  clean: `
probes: true
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users }`,
  *find({ config }) {
    if (!hasProbes(config)) yield { path: 'probes', message: 'there is no /ready and no /live' }
  }
}

/** Load balancers ask every 5 to 10 seconds, and most want two answers. */
const SHORTEST_WAIT_MS = 5_000

export const stopsAtOnce: LintRule = {
  id: 'production.stops-at-once',
  severity: 'error',
  title: 'A load balancer sends requests to a gateway that has stopped',
  explanation:
    'Between SIGTERM and the moment in which the gateway accepts nothing more there is too little time for a load balancer to notice that `/ready` fails: every deployment costs requests.',
  fix: 'Leave `shutdown.wait` at its default of 10s, or make it longer than the interval of the readiness probe times its failure threshold.',
  found: `
probes: true
shutdown: { wait: 0ms }`,
  clean: `
probes: true
shutdown: { wait: 15s }`,
  *find({ config }) {
    if (!hasProbes(config)) return
    const ms = shutdownMs(config, 'wait')
    if (ms < SHORTEST_WAIT_MS)
      yield { path: 'shutdown.wait', message: `requests are accepted for only ${ms} ms after /ready fails` }
  }
}

export const cutsOff: LintRule = {
  id: 'production.cuts-off',
  severity: 'error',
  title: 'Requests under way are cut off at every stop',
  explanation: 'With `shutdown.drain: 0ms` a stop ends every request that has not been answered.',
  fix: 'Leave `shutdown.drain` at its default of 30s, or give it the longest time that a request may take.',
  found: `
shutdown: { drain: 0ms }`,
  clean: `
shutdown: { drain: 30s }`,
  *find({ config }) {
    if (shutdownMs(config, 'drain') === 0)
      yield { path: 'shutdown.drain', message: 'requests under way are not waited for' }
  }
}

export const ignoresSignals: LintRule = {
  id: 'production.ignores-signals',
  severity: 'warning',
  title: 'SIGTERM does not stop the gateway in stages',
  explanation:
    'With `shutdown.signals: false` the process ends at SIGTERM as Node has it, at once, unless code of your own closes the gateway.',
  fix: 'Leave it at true, or call `gateway.close()` from your own handler and waive this.',
  found: `
shutdown: { signals: false }`,
  clean: `
shutdown: { signals: true }`,
  *find({ config }) {
    if (config.shutdown?.signals === false)
      yield { path: 'shutdown.signals', message: 'nothing of the gateway answers SIGTERM' }
  }
}

export const unguardedChanges: LintRule = {
  id: 'production.unguarded-changes',
  severity: 'info',
  title: 'A running gateway takes every change that is valid',
  explanation:
    'Without `lint.failOn` a reload is refused when it cannot work, and not when it is dangerous: a route that loses its authentication goes live.',
  fix: 'Set `lint: { failOn: error }`.',
  found: `
lint: { failOn: never }`,
  clean: `
lint: { failOn: error }`,
  *find({ config }) {
    if ((config.lint?.failOn ?? 'never') === 'never')
      yield { path: 'lint.failOn', message: 'changes that bring findings are applied' }
  }
}
