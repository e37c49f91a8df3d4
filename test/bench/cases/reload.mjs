import { reloads } from '../candidates/variants.mjs'
import { startUpstream, withUpstreams } from '../upstream/upstreams.mjs'
import { betweenVariants } from './between-variants.mjs'
import { smallJson } from './loads.mjs'

const load = smallJson(64)
const variants = ['bare', 'bare again', ...Object.keys(reloads)].map((name) => ({ name, load }))

/** The gateway as it is beside the gateway whose configuration is changed all the time. */
export const reload = {
  name: 'reload',
  title: 'What changes of the configuration cost, 64 connections',
  run: (options) => withUpstreams([startUpstream], (urls) => betweenVariants(variants, 'bare', urls, options))
}
