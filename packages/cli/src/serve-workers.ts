import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { type LoadedConfig, loadConfig, watchConfig } from '@gatewright/config'
import { jsonLog, StartError, startWorkers } from '@gatewright/workers'
import { type Terminal, UsageError } from './command.js'
import { failureText } from './failures.js'
import type { Overrides } from './overrides.js'
import { problemsOf } from './reloading.js'
import { Timeline } from './timeline.js'

/** How workers are run from files. */
export interface ServingWorkers {
  readonly files: readonly string[]
  readonly overrides: Overrides
  readonly watch: boolean
  readonly terminal: Terminal
  readonly count: number | 'auto'
  readonly limits: 'divided' | 'each'
}

/** The exit code where no worker could be kept alive. */
export const GIVEN_UP = 3

/**
 * Runs workers until they are stopped, and gives the exit code. The files are read once, here: every worker is given what was
 * read, so that all have the same.
 */
export async function serveWorkers(serving: ServingWorkers): Promise<number> {
  if (!cluster.isPrimary)
    throw new UsageError(
      '--workers: this process is a worker of another program, such as pm2; leave it out there'
    )
  const { files, overrides, terminal, count, limits } = serving
  const place = { env: terminal.env, cwd: terminal.cwd }
  const first = await loadConfig(files, place)
  const timeline = new Timeline(terminal.stderr)
  // Workers outlast whoever reads the log.
  terminal.stdout.on('error', () => {})
  const log = jsonLog(terminal.stdout, first.config.logger === false ? 'silent' : overrides.level)

  // Signals that come while they start are for when they have.
  let reload = (): void => {
    isAsked = true
  }
  let isAsked = false
  const off = [terminal.onSignal('SIGHUP', () => reload()), terminal.onSignal('SIGUSR2', () => restart())]
  let restart = (): void => {}

  try {
    const workers = await startWorkers({
      program: fileURLToPath(new URL('../bin/worker.js', import.meta.url)),
      args: [JSON.stringify({ files, overrides })],
      count,
      version: versionOf(first),
      source: sourceOf(first),
      limits,
      log,
      stopping: (worker, stage) => timeline.begins(`worker ${worker}`, stage)
    })
    log.info({ workers: workers.pids.length, url: workers.url }, 'the workers serve')

    const change = async (loaded: LoadedConfig): Promise<void> => {
      const changed = await workers.change(versionOf(loaded), sourceOf(loaded))
      if (!changed.applied) throw new Error(changed.problems)
      const { revision, needsRestart } = changed
      log.info({ revision }, 'the configuration was changed')
      if (needsRestart.length > 0) log.warn({ needsRestart }, 'a change of these needs a restart (SIGUSR2)')
    }
    const refused = (problems: string): void =>
      log.error({ problems }, 'the configuration was not changed: it has problems')
    const watcher = watchConfig(files, {
      ...place,
      from: first,
      manual: !serving.watch,
      onChange: change,
      onError: (error) => refused(problemsOf(error))
    })
    reload = () => void watcher.refresh()
    if (isAsked) reload()
    restart = () => {
      log.info({}, 'the workers are started anew, one after another')
      workers.restart().then(
        () => log.info({}, 'all workers were started anew'),
        (error: unknown) =>
          log.error({ err: (error as Error).message }, 'the workers were not all started anew')
      )
    }
    if (workers.signals)
      for (const signal of ['SIGTERM', 'SIGINT'] as const) off.push(terminal.onSignal(signal, stopOrForce))
    let isStopping = false
    function stopOrForce(): void {
      if (isStopping) workers.cutOff()
      isStopping = true
      void workers.stop()
    }
    const code = await workers.closed
    watcher.close()
    timeline.over(code)
    return code
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    const isTold = error.kind !== ''
    terminal.stderr.write(
      isTold ? `${error.message}\n` : `gatewright: no worker could be started: ${failureText(error)}\n`
    )
    return isTold ? 2 : GIVEN_UP
  } finally {
    for (const stop of off) stop()
  }
}

function versionOf({ record }: LoadedConfig): string {
  return JSON.stringify(record)
}

function sourceOf({ changed, sources }: LoadedConfig): string {
  return (changed.length > 0 ? changed : sources).join(', ')
}
