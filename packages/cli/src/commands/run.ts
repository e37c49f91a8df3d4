import type { GatewayBuilder } from '@gatewright/gateway'
import type { Command } from '../command.js'
import { configFiles } from '../config-files.js'
import { readOverrides } from '../overrides.js'
import type { ReloadEvents } from '../reloading.js'
import { serve } from '../serve.js'
import { HOST, LOG_LEVEL, PORT } from '../shared-options.js'

export const run: Command = {
  name: 'run',
  summary: 'Run a gateway from files, and follow their changes',
  usage: '[FILE...]',
  takes: [0, Number.POSITIVE_INFINITY],
  options: [
    PORT,
    HOST,
    LOG_LEVEL,
    { name: 'no-watch', about: 'Do not follow changes of the files; SIGHUP still reads them again.' }
  ],
  about: [
    'Whenever a file changes, and on SIGHUP, everything is read, checked and applied without losing a request. What is wrong is logged with its file and line, and the gateway goes on as it was.',
    'On SIGTERM and SIGINT it stops in stages, as `shutdown` says. Logs go to the standard output, as JSON.'
  ],
  examples: ['gatewright run gateway.yaml', 'gatewright run gateway.yaml routes.d --port 9000'],
  async run(input) {
    const { closed } = await serve(
      {
        overrides: readOverrides(input),
        files: configFiles(input),
        watch: !input.flag('no-watch'),
        terminal: input.terminal
      },
      logged
    )
    await closed
    return 0
  }
}

function logged({ app: { log } }: GatewayBuilder): ReloadEvents {
  return {
    applied(revision, needsRestart) {
      log.info({ revision }, 'the configuration was changed')
      if (needsRestart.length > 0) log.warn({ needsRestart }, 'a change of these needs a restart')
    },
    refused: (problems) => log.error({ problems }, 'the configuration was not changed: it has problems')
  }
}
