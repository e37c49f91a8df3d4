import { readdir, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { processTimers, toldError } from '@gatewright/core'
import { LOADS_IMPORTS_AGAIN } from './import-anew.js'
import { type Attempt, type LoadedConfig, type LoadOptions, tryToLoad } from './load.js'

/** How files are watched. */
export interface WatchOptions extends LoadOptions {
  /** What was read before: what has changed since then is a change too. */
  readonly from?: LoadedConfig
  /** The files have changed, and could be read. What it throws, or rejects with, is given to `onError`. */
  onChange(loaded: LoadedConfig): unknown
  /**
   * The files have changed, and cannot be read: what went before still holds. Called once for each such change. What it throws
   * itself, or rejects with, is a warning of the process, `GW_CONFIG_WATCH`.
   */
  onError(error: Error): unknown
  /** How often they are looked at, in milliseconds. Default 250. */
  readonly intervalMs?: number
}

/** Files that are watched. */
export interface ConfigWatcher {
  close(): void
}

/** Files that could not be read are tried again after so many milliseconds, twice as many each time, up to the last. */
const AGAIN_MS = [1_000, 60_000] as const

/**
 * Looks at the files of a configuration, and reads them again once they have changed and then stayed the same from one
 * look to the next: what an editor, a copy or Kubernetes does when it replaces a file differs, and the messages of file
 * systems about it do so too, or never come. It keeps no process alive, and nothing ends it but `close()`.
 */
export function watchConfig(
  paths: string | readonly string[],
  { onChange, onError, from, intervalMs = 250, ...options }: WatchOptions
): ConfigWatcher {
  const { cwd = process.cwd() } = options
  let places: ReadonlySet<string> = new Set([paths].flat().map((path) => resolve(cwd, path)))
  // What the files were when they were read last, and how they were at the last look.
  let known: string | null = null
  let seen: string | null = null
  let fingerprint = from?.fingerprint ?? null
  let imports: string | null = null
  let isWrong = false
  let shown = ''
  let waitMs = 0
  let againMs: number = AGAIN_MS[0]
  let closed = false

  async function look(): Promise<void> {
    const state = await stateOf(places)
    const isSettled = state === seen
    seen = state
    waitMs += intervalMs
    if (isSettled && (state !== known || (isWrong && waitMs >= againMs))) await read(state)
  }

  async function read(state: string): Promise<void> {
    const attempt = await tryToLoad(paths, options)
    // What was written while it was read is read once that has settled.
    if (closed || (await stateOf(places)) !== state) return
    const isFirst = known === null
    const isNew = [...attempt.places].some((place) => !places.has(place))
    if (isNew) places = new Set([...places, ...attempt.places])
    known = seen = isNew ? await stateOf(places) : state
    againMs = isWrong && waitMs >= againMs ? Math.min(againMs * 2, AGAIN_MS[1]) : AGAIN_MS[0]
    waitMs = 0
    if (!closed) tell(attempt, isFirst && from === undefined)
  }

  function tell({ loaded, error, ...attempt }: Attempt, isBeginning: boolean): void {
    const { message = '' } = error ?? {}
    const isTold = attempt.fingerprint === fingerprint && message === shown
    const isStuck = !LOADS_IMPORTS_AGAIN && imports !== null && imports !== attempt.imports
    isWrong = error !== null
    shown = message
    ;({ fingerprint, imports } = attempt)
    if (isBeginning || isTold) return
    if (isStuck) failed(new Error(STUCK))
    else if (error !== null) failed(error)
    else if (loaded !== null) changed(loaded)
  }

  const changed = (loaded: LoadedConfig): void => void called(onChange, loaded, failed)
  const failed = (error: unknown): void =>
    void called(onError, error instanceof Error ? error : new Error(toldError(error)), warn)

  let cancel = processTimers.after(0, next)
  async function next(): Promise<void> {
    await look().catch(failed)
    if (!closed) cancel = processTimers.after(intervalMs, next)
  }
  return {
    close() {
      closed = true
      cancel()
    }
  }
}

async function called<T>(
  callback: (given: T) => unknown,
  given: T,
  failed: (error: unknown) => void
): Promise<void> {
  try {
    await callback(given)
  } catch (error) {
    failed(error)
  }
}

function warn(error: unknown): void {
  process.emitWarning(`onError of watchConfig: ${toldError(error)}`, { code: 'GW_CONFIG_WATCH' })
}

const STUCK = `a module that the configuration imports has changed: Node ${process.versions.node} keeps it until a restart, 22.15 and newer load it again`

async function stateOf(places: Iterable<string>): Promise<string> {
  const states = await Promise.all([...places].map(stateOfPlace))
  return states.join('\n')
}

// By what the links lead to: its file, its size and when it was written.
async function stateOfPlace(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs, ctimeMs, dev } = await stat(path)
    const names = await readdir(path).catch(() => [])
    return [path, dev, ino, size, mtimeMs, ctimeMs, ...names.sort()].join(' ')
  } catch (error) {
    return `${path} ${(error as NodeJS.ErrnoException).code}`
  }
}
