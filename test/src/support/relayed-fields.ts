import type { Field, RawResponse } from '@gatewright/testing'

const OWN = ['date', 'connection', 'keep-alive', 'x-request-id']

/** The header fields of an answer, without those that Node's server and the gateway write themselves. */
export function relayedFields({ headers }: Pick<RawResponse, 'headers'>): readonly Field[] {
  return headers.filter(([name]) => !OWN.includes(name.toLowerCase()))
}
