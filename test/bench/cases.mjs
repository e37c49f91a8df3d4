import { afterPause } from './cases/after-pause.mjs'
import { forwarding } from './cases/forwarding.mjs'
import { logged } from './cases/logged.mjs'
import { plugins } from './cases/plugins.mjs'
import { reload } from './cases/reload.mjs'
import { routes } from './cases/routes.mjs'
import { slowEndpoint } from './cases/slow-endpoint.mjs'
import { start } from './cases/start.mjs'
import { stream } from './cases/stream.mjs'

/**
 * All cases, in the order of the report. A case is `{ name, title, run }`; `run(options)` gives its entry in
 * results.json: `kind` says which table shows it (`rounds`, `start` or `stream`).
 */
export const cases = [...forwarding, logged, afterPause, routes, slowEndpoint, plugins, reload, start, stream]
