import { GATEWRIGHT, startCandidate } from '../candidates.mjs'
import { compare } from '../measure/compare.mjs'
import { startUpstream, withUpstreams } from '../upstream/upstreams.mjs'

/** A case in which all candidates forward the same load to the same upstream. */
export function betweenCandidates(name, title, load) {
  return {
    name,
    title,
    run: (options) =>
      withUpstreams([startUpstream], async (urls) => {
        const contestants = options.candidates.map((one) => ({
          name: one.name,
          load,
          start: () => startCandidate(one, urls)
        }))
        return {
          kind: 'rounds',
          ratioOf: GATEWRIGHT,
          bytes: load.mix.body ?? load.expect.bytes,
          ...(await compare(contestants, options))
        }
      })
  }
}
