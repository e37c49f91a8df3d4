import type { GatewayBuilder } from '@gatewright/gateway'
import { type Command, type Input, UsageError } from '../command.js'
import { configFiles } from '../config-files.js'
import { HISTORY, keeperOf } from '../keeper.js'
import { readOverrides } from '../overrides.js'
import type { ReloadEvents } from '../reloading.js'
import { serve } from '../serve.js'
import { type ServingWorkers, serveWorkers } from '../serve-workers.js'
import { HOST, LOG_LEVEL, PORT } from '../shared-options.js'
import { Timeline } from '../timeline.js'

export const run: Command = {
  name: 'run',
  summary: 'Run a gateway from files, and follow their changes',
  usage: '[FILE|URL...]',
  takes: [0, Number.POSITIVE_INFINITY],
  options: [
    PORT,
    HOST,
    LOG_LEVEL,
    { name: 'no-watch', about: 'Do not follow changes; SIGHUP still reads everything again.' },
    HISTORY,
    {
      name: 'workers',
      short: 'w',
      value: 'COUNT',
      about:
        'Serve in so many processes on one port, 1 to 1024, or auto: one for each CPU that it may use. Default: in this process.'
    },
    {
      name: 'limits',
      value: 'HOW',
      about:
        'With workers: limits that count in memory are divided among them, or each has them whole: divided (default) or each.'
    }
  ],
  about: [
    'Files beside each other are put together; a URL goes over what stands before it, and is asked every 10 seconds. Whenever something changes, and on SIGHUP, everything is read, checked and applied without losing a request. What is wrong is logged with its file and line, and the gateway goes on as it was.',
    'On SIGTERM and SIGINT it stops in stages, as `shutdown` says, and prints them with their times on the standard error. Logs go to the standard output, as JSON.',
    'With --history, every configuration that has run is kept in a folder: `gatewright history` lists them, and `gatewright rollback` goes back to one.',
    'With --workers, a worker that crashes loses only its own requests and is replaced; a change reaches all of them or none; on SIGUSR2 they are started anew, one after another, and no request is lost. Probes and metrics are one for all.'
  ],
  examples: [
    'gatewright run gateway.yaml',
    'gatewright run gateway.yaml routes.d --port 9000',
    'gatewright run gateway.yaml https://config.example.com/routes.yaml',
    'gatewright run --workers auto'
  ],
  exits: {
    1: 'stopped, but not as configured: a second signal, a hook or a worker has cut it short',
    3: 'with --workers: no worker could be kept alive'
  },
  async run(input) {
    const { terminal } = input
    const workers = workersIn(input)
    const serving = {
      overrides: readOverrides(input),
      files: configFiles(input),
      watch: !input.flag('no-watch'),
      keeper: await keeperOf(input),
      terminal
    }
    if (workers !== null) return await serveWorkers({ ...serving, ...workers })
    const { closed } = await serve({ ...serving, timeline: new Timeline(terminal.stderr) }, logged)
    await closed
    return 0
  }
}

function workersIn(input: Input): Pick<ServingWorkers, 'count' | 'limits'> | null {
  const text = input.text('workers') ?? ''
  if (!/^(?:auto|\d*)$/.test(text))
    throw new UsageError(`--workers: '${text}' must be auto or a whole number, 1 to 1024`)
  const count = text === 'auto' ? text : input.integer('workers', 1, 1_024)
  const limits = input.text('limits')
  if (limits !== undefined && limits !== 'divided' && limits !== 'each')
    throw new UsageError(`--limits: '${limits}' must be divided or each`)
  if (count !== undefined) return { count, limits: limits ?? 'divided' }
  if (limits !== undefined) throw new UsageError('--limits: is for --workers')
  return null
}

function logged({ app: { log } }: GatewayBuilder): ReloadEvents {
  return {
    applied({ revision, needsRestart, reset }) {
      log.info({ revision, reset }, 'the configuration was changed')
      if (needsRestart.length > 0) log.warn({ needsRestart }, 'a change of these needs a restart')
    },
    refused: (problems) => log.error({ problems }, 'the configuration was not changed: it has problems')
  }
}
