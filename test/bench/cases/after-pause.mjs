import process from 'node:process'
import { FILE_BYTES } from '../upstream/resources.mjs'
import { startUpstream, withUpstreams } from '../upstream/upstreams.mjs'
import { betweenVariants } from './between-variants.mjs'
import { downloads } from './loads.mjs'

// V8 begins to save memory 8 seconds after the load has gone, and is done well before this.
const PAUSE_SECONDS = 50

const [major] = process.versions.node.split('.').map(Number)

/** What keeps V8 from collecting garbage at every few MiB of bodies, which depends on its version. */
const flag = major >= 24 ? '--external-memory-accounted-in-global-limit' : '--no-memory-reducer'

const load = downloads(16)
const asStarted = { name: 'node', load, variant: 'bare' }
const withFlag = { name: `node ${flag}`, load, variant: 'bare', nodeOptions: [flag] }

/** Large bodies through a gateway that had nothing to do for a while. */
export const afterPause = {
  name: 'after-pause',
  title: `1 MiB responses, 16 connections, after ${PAUSE_SECONDS} s without a request`,
  run: (options) =>
    withUpstreams([startUpstream], async (urls) => ({
      bytes: FILE_BYTES,
      ...(await betweenVariants([asStarted, withFlag], asStarted.name, urls, {
        ...options,
        pauseSeconds: PAUSE_SECONDS
      }))
    }))
}
