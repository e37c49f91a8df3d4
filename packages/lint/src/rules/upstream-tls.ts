import { isLoopback } from '../view/addresses.js'
import type { LintRule } from './rule.js'

export const verificationOff: LintRule = {
  id: 'tls.verification-off',
  severity: 'error',
  title: 'Certificates of an upstream are not verified',
  explanation:
    'With `insecureBecause` anyone on the way to the upstream can read and change all traffic, credentials too. TLS then keeps out nobody who could not be kept out without it.',
  fix: 'Give the authority of the upstream in `tls.ca`, and its name in `tls.servername` or `authority`. Endpoints on the own machine are no finding.',
  found: `
pools:
  users:
    endpoints: [https://10.0.0.1:3443]
    tls: { insecureBecause: its certificate is self-signed }
routes:
  - { path: /*, pool: users }`,
  clean: `
pools:
  users:
    endpoints: [https://10.0.0.1:3443]
    tls: { servername: users.internal }
routes:
  - { path: /*, pool: users }`,
  *find({ pools }) {
    for (const { path, config, endpoints, isDiscovered } of pools.values()) {
      if (config.tls?.insecureBecause === undefined) continue
      const distant = endpoints.filter(({ url }) => /^https:/i.test(url) && !isLoopback(url))
      if (distant.length > 0 || isDiscovered)
        yield {
          path: `${path}.tls.insecureBecause`,
          message: 'whoever is on the way reads and changes the traffic'
        }
    }
  }
}
