import type { FactRegistry } from '@gatewright/core'

declare module '@gatewright/core' {
  interface ExchangeFacts {
    /** Who the request is from, as authentication has found out. */
    subject: string
    /** The consumer that it is from. */
    consumer: string
    /** The scheme that has found out. */
    authScheme: string
  }
}

/** Says where it is shown who a request is from. */
export function addAuthFacts(facts: FactRegistry): void {
  facts.add({
    name: 'subject',
    read: ({ identity }) => identity?.subject ?? null,
    keys: ['auth'],
    log: 'subject',
    attribute: 'gatewright.subject'
  })
  facts.add({
    name: 'consumer',
    read: ({ identity }) => identity?.consumer ?? null,
    keys: ['auth'],
    log: 'consumer',
    attribute: 'gatewright.consumer',
    note: (consumer) => `It was from the consumer '${consumer}'.`
  })
  facts.add({
    name: 'authScheme',
    read: ({ identity }) => identity?.scheme ?? null,
    keys: ['auth'],
    log: 'auth_scheme',
    attribute: 'gatewright.auth_scheme',
    counter: {
      name: 'proxy_authenticated_requests_total',
      help: 'Requests of which it was found out who they are from.',
      label: 'scheme'
    },
    note: (scheme) => `It was identified by '${scheme}'.`
  })
}
