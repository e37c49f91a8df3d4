import type { Command } from '../command.js'
import { configFiles } from '../config-files.js'
import { listenToKeys } from '../keys.js'
import { readOverrides } from '../overrides.js'
import { prettyLog } from '../pretty-log.js'
import { serve } from '../serve.js'
import { HOST, LOG_LEVEL, PORT } from '../shared-options.js'

export const dev: Command = {
  name: 'dev',
  summary: 'Run a gateway for people who work on its files',
  usage: '[FILE|URL...]',
  takes: [0, Number.POSITIVE_INFINITY],
  options: [PORT, HOST, LOG_LEVEL],
  about: [
    'As `run`, with a line for people per request, and the problems of a change with the lines that they stand in.',
    'Keys, in a terminal: h shows them, r reads the files again, e shows the problems of the last change, q quits.'
  ],
  examples: ['gatewright dev', 'gatewright dev gateway.yaml --port 9000'],
  async run(input) {
    const { terminal } = input
    const started = performance.now()
    const print = (text: string): void => {
      terminal.stdout.write(`${text}\n`)
    }
    let problems: string | null = null
    const log = prettyLog(terminal.stdout)
    const { gateway, url, reload, closed } = await serve(
      {
        overrides: readOverrides(input),
        files: configFiles(input),
        watch: true,
        timeline: null,
        keeper: null,
        terminal,
        adapt: (config) => ({
          ...config,
          accessLog: config.accessLog === false ? false : { format: 'pretty', destination: terminal.stdout },
          logger: { level: 'warn', stream: log }
        })
      },
      () => ({
        applied({ revision, needsRestart, reset }) {
          problems = null
          print(`changed: the configuration runs as revision ${revision}`)
          for (const { pool, what, because } of reset)
            print(`begins anew: ${what}${pool === null ? '' : ` of pool '${pool}'`}, as ${because}`)
          if (needsRestart.length > 0) print(`these need a restart: ${needsRestart.join(', ')}`)
        },
        refused(text) {
          problems = text
          print(`not changed, the gateway goes on as it was:\n${text}`)
        }
      })
    )
    const { routes, pools } = gateway.app.gateway.current ?? { routes: [], pools: new Map() }
    const counts = `${routes.length} ${routes.length === 1 ? 'route' : 'routes'}, ${pools.size} ${pools.size === 1 ? 'pool' : 'pools'}`
    print(
      `ready in ${Math.round(performance.now() - started)} ms  ${url}  ${counts}${terminal.stdin ? '  (h: keys)' : ''}`
    )
    const offKeys = listenToKeys(terminal.stdin, {
      h: () => print('r: read the files again  e: problems of the last change  q: quit'),
      r: () => void reload(),
      e: () => print(problems ?? 'the last change had no problems'),
      q: () => void gateway.close()
    })
    await closed
    offKeys()
    return 0
  }
}
