import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { TestContext } from 'node:test'
import { rawRequest } from '@gatewright/testing'

/** Where probe listeners of tests are: on any free loopback port. */
export const PROBES = { port: 0, host: '127.0.0.1' } as const

/** The status that a listener answers for a path. */
export async function probe(port: number | null, path: string): Promise<number> {
  const text = `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`
  return (await rawRequest(Number(port), text)).status
}

/** A loopback port that somebody else listens on until the test ends. */
export async function occupied(t: TestContext): Promise<number> {
  const busy = createServer().listen(0, '127.0.0.1')
  t.after(() => busy.close())
  await once(busy, 'listening')
  return (busy.address() as AddressInfo).port
}
