import { type LoadedConfig, openHistory } from '@gatewright/config'
import type { CommandOption, Input } from './command.js'

export const HISTORY: CommandOption = {
  name: 'history',
  value: 'FOLDER',
  about: 'Keep every configuration that has run in this folder. Default: in none.'
}

/** A log, as far as it is needed here. */
interface Log {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Keeps the configurations that have run. */
export interface Keeper {
  /** It runs from the start on. */
  begin(loaded: LoadedConfig, files: readonly string[], log: Log): Promise<void>
  /** It has taken the place of another. Never rejects: a gateway goes on without a history. */
  add(loaded: LoadedConfig, files: readonly string[], log: Log): Promise<void>
}

/** What `--history` asks for. Rejects when the folder cannot be written. */
export async function keeperOf(input: Input): Promise<Keeper | null> {
  const folder = input.text(HISTORY.name)
  if (folder === undefined) return null
  const { cwd, env } = input.terminal
  const history = await openHistory(folder, { cwd, env })
  const sourceOf = ({ changed, sources }: LoadedConfig): string =>
    (changed.length > 0 ? changed : sources).join(', ')
  const kept =
    (how: 'add' | 'begin') =>
    async (loaded: LoadedConfig, files: readonly string[], log: Log): Promise<void> => {
      try {
        const { revision, missing } = await history[how](loaded, files, { source: sourceOf(loaded) })
        if (missing !== null) log.warn({ revision, missing }, 'the history keeps no content of this version')
      } catch (error) {
        log.error({ err: (error as Error).message, folder }, 'the history could not be written')
      }
    }
  return { begin: kept('begin'), add: kept('add') }
}
