import { join } from 'node:path'
import { run } from '../machine/children.mjs'
import { loadCore } from '../machine/cores.mjs'
import { here } from '../paths.mjs'

/**
 * Runs wrk against a port for `seconds`. `mix` is what `wrk.lua` reads.
 * Returns requests (answered well), seconds, p50Ms, p99Ms and errors (all kinds added up).
 */
export async function wrk(port, { connections, mix }, seconds) {
  const printed = await run(
    [
      'wrk',
      '--threads=1',
      `--connections=${connections}`,
      `--duration=${seconds}s`,
      '--timeout=10s',
      `--script=${join(here, 'load/wrk.lua')}`,
      `http://127.0.0.1:${port}`,
      '--',
      ...Object.entries(mix).map(([key, value]) => `${key}=${value}`)
    ],
    { core: loadCore }
  )
  const line = /^RESULT (.*)$/m.exec(printed)
  if (line === null) throw new Error(`wrk printed no result: ${printed.trim().slice(-200)}`)
  const { requests, errors, ...result } = JSON.parse(line[1])
  return {
    ...result,
    // wrk counts an answer with a wrong status, or none, as a request too.
    requests: requests - errors.status,
    errors: Object.values(errors).reduce((sum, count) => sum + count, 0)
  }
}
