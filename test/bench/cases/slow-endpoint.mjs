import { policies } from '../candidates/variants.mjs'
import { startNodeUpstream, startUpstream, withUpstreams } from '../upstream/upstreams.mjs'
import { betweenVariants } from './between-variants.mjs'
import { smallJson } from './loads.mjs'

const DELAY_MS = 100
const load = smallJson(64)
const variants = Object.keys(policies).map((name) => ({ name, load }))
const startSlow = () => startNodeUpstream({ delayMs: DELAY_MS })

/** Balancing policies of the gateway when one endpoint is much slower than the others. */
export const slowEndpoint = {
  name: 'slow-endpoint',
  title: `One of three endpoints answers after ${DELAY_MS} ms, 64 connections`,
  run: (options) =>
    withUpstreams([startUpstream, startSlow], (urls) =>
      betweenVariants(variants, 'round-robin', urls, options)
    )
}
