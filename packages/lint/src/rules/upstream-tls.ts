import { isIP } from 'node:net'
import { isLoopback, isPublicAddress } from '../view/addresses.js'
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

export const servernameIsAddress: LintRule = {
  id: 'tls.servername-is-address',
  severity: 'error',
  title: 'An address stands where a name belongs',
  explanation:
    'Server Name Indication takes names only (RFC 6066, section 3): with an address the name is not sent, and a server with several certificates shows the wrong one.',
  fix: 'Give the name that the certificate is for.',
  found: `
pools:
  users: { endpoints: [https://10.0.0.1:3443], tls: { servername: 10.0.0.1 } }
routes:
  - { path: /*, pool: users }`,
  clean: `
pools:
  users: { endpoints: [https://10.0.0.1:3443], tls: { servername: users.internal } }
routes:
  - { path: /*, pool: users }`,
  *find({ pools }) {
    for (const { path, config } of pools.values()) {
      const name = config.tls?.servername
      if (name !== undefined && isIP(name) !== 0)
        yield { path: `${path}.tls.servername`, message: `'${name}' is an address` }
    }
  }
}

export const mixedSchemes: LintRule = {
  id: 'tls.mixed-schemes',
  severity: 'warning',
  title: 'A part of the traffic of a pool is in plain text',
  explanation:
    'Some endpoints of the pool are reached by https and some by http. Whoever chose TLS for this traffic has it for a share of the requests alone, and which ones is up to chance.',
  fix: 'Reach all of them by https, or put those without into a pool of their own.',
  found: `
pools:
  users: { endpoints: [https://10.0.0.1:3443, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users }`,
  clean: `
pools:
  users: { endpoints: [https://10.0.0.1:3443, https://10.0.0.2:3443] }
routes:
  - { path: /*, pool: users }`,
  *find({ pools }) {
    for (const { endpoints } of pools.values()) {
      if (!endpoints.some(({ url }) => /^https:/i.test(url))) continue
      for (const { url, path } of endpoints)
        if (/^http:/i.test(url) && !isLoopback(url))
          yield { path, message: 'it is reached in plain text, and others of its pool by TLS' }
    }
  }
}

export const plainToPublic: LintRule = {
  id: 'tls.plain-to-public',
  severity: 'warning',
  title: 'Traffic goes through the Internet in plain text',
  explanation:
    'The endpoint has an address of the public Internet and is reached by http: everybody on the way reads and changes requests and responses.',
  fix: 'Reach it by https. Addresses of private networks are no finding, and names are not judged.',
  found: `
pools:
  partner: { endpoints: [http://1.1.1.1:8080] }
routes:
  - { path: /*, pool: partner }`,
  clean: `
pools:
  partner: { endpoints: [https://1.1.1.1:8443] }
routes:
  - { path: /*, pool: partner }`,
  *find({ pools }) {
    for (const { endpoints } of pools.values())
      for (const { url, path } of endpoints)
        if (/^http:/i.test(url) && isPublicAddress(url))
          yield { path, message: 'its address is public, and the traffic is in plain text' }
  }
}
