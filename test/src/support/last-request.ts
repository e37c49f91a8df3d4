import type { FakeUpstream, SeenRequest } from '@gatewright/testing'

/** The last request that an upstream has seen, once it is whole. */
export async function lastRequest({ requests }: FakeUpstream): Promise<SeenRequest> {
  return await (requests.at(-1) as SeenRequest).finished
}
