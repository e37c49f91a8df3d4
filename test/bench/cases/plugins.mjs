import { switches } from '../candidates/variants.mjs'
import { startUpstream, withUpstreams } from '../upstream/upstreams.mjs'
import { betweenVariants } from './between-variants.mjs'
import { smallJson } from './loads.mjs'

const load = smallJson(64)
// The same twice: what the two differ by is what the machine and the luck of a process do.
const variants = ['bare', 'bare again', ...Object.keys(switches)].map((name) => ({ name, load }))

// Steady work is compared: after a pause V8 compiles anew what it had thrown away.
const LEAD_IN_SECONDS = 2

/** The gateway as it is beside the gateway with one more thing switched on. */
export const plugins = {
  name: 'plugins',
  title: 'What each thing switched on costs, 64 connections',
  run: (options) =>
    withUpstreams([startUpstream], (urls) =>
      betweenVariants(variants, 'bare', urls, { ...options, leadInSeconds: LEAD_IN_SECONDS })
    )
}
