import assert from 'node:assert/strict'
import { request } from 'node:http'
import { isDeepStrictEqual } from 'node:util'
import type { FakeUpstream } from '@gatewright/testing'

/** A request that two proxies are sent. */
export interface Probe {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** What must be the same. */
interface Seen {
  readonly status: number
  readonly location: string | undefined
  readonly headers: Readonly<Record<string, string | undefined>>
  /** What the upstream got; `null` where it got nothing. */
  readonly upstream: unknown
}

/** What matters of responses and of requests upstream, besides status, method, target and body. */
export interface Compared {
  readonly response: readonly string[]
  readonly request: readonly string[]
}

/** Sends a probe to the proxy at `url`, and gives what came back and what the upstreams got. */
async function seenOf(
  url: string,
  { method, path, headers = {}, body }: Probe,
  upstreams: Readonly<Record<string, FakeUpstream>>,
  compared: Compared
): Promise<Seen> {
  const before = Object.values(upstreams).map(({ requests }) => requests.length)
  const { status, fields } = await new Promise<{
    status: number
    fields: Record<string, string | undefined>
  }>((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const sent = request({ hostname, port, method, path, headers, agent: false }, (response) => {
      response.resume().on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          fields: response.headers as Record<string, string | undefined>
        })
      )
    })
    sent.on('error', reject).end(body)
  })
  const got = Object.entries(upstreams).flatMap(([name, { requests }], index) =>
    requests.slice(before[index]).map((each) => ({
      name,
      method: each.method,
      target: each.target,
      body: each.body.toString(),
      headers: Object.fromEntries(compared.request.map((field) => [field, each.headerAll(field).join(', ')]))
    }))
  )
  return {
    status,
    // nginx says the port that it listens on, the gateway that of the client's Host.
    location: fields.location?.replace(/^(https?:\/\/[^/:]+):\d+/, '$1'),
    headers: Object.fromEntries(compared.response.map((field) => [field, fields[field]])),
    upstream: got.length === 0 ? null : got
  }
}

/** Sends all probes to both proxies, and asserts that they do the same. */
export async function assertAlike(
  [original, translated]: readonly [string, string],
  probes: readonly Probe[],
  upstreams: Readonly<Record<string, FakeUpstream>>,
  compared: Compared
): Promise<void> {
  const different: { readonly probe: Probe; readonly is: Seen; readonly must: Seen }[] = []
  for (const probe of probes) {
    const must = await seenOf(original, probe, upstreams, compared)
    const is = await seenOf(translated, probe, upstreams, compared)
    if (!isDeepStrictEqual(is, must)) different.push({ probe, is, must })
  }
  assert.deepEqual(different, [], different.map((each) => JSON.stringify(each)).join('\n'))
}
