import { readdir, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type LoadedConfig, type LoadOptions, loadConfig } from './load.js'

/** How files are watched. */
export interface WatchOptions extends LoadOptions {
  /** What was read before: what has changed since then is a change too. */
  readonly from?: LoadedConfig
  /** The files have changed, and could be read. */
  onChange(loaded: LoadedConfig): void
  /** The files have changed, and cannot be read: what went before still holds. Called once for each such change. */
  onError(error: Error): void
  /** How often they are looked at, in milliseconds. Default 250. */
  readonly intervalMs?: number
}

/** Files that are watched. */
export interface ConfigWatcher {
  close(): void
}

/**
 * Looks at the files of a configuration, and reads them again once they have changed and then stayed the same from one
 * look to the next: what an editor, a copy or Kubernetes does when it replaces a file differs, and the messages of file
 * systems about it do so too, or never come. It keeps no process alive.
 */
export function watchConfig(
  paths: string | readonly string[],
  { onChange, onError, from, intervalMs = 250, ...options }: WatchOptions
): ConfigWatcher {
  const { cwd = process.cwd() } = options
  let places: ReadonlySet<string> = new Set([paths].flat().map((path) => resolve(cwd, path)))
  let known: string | null = null
  let seen: string | null = null
  let closed = false

  async function look(): Promise<void> {
    const state = await stateOf(places)
    const isSettled = state === seen
    seen = state
    if (known === null && isSettled) {
      // What the files were when the gateway began with them.
      known = state
      await readPlaces()
    } else if (known !== null && isSettled && state !== known) {
      known = state
      await readAgain()
    }
  }

  // Files that others include are known only once they are read.
  async function readPlaces(): Promise<void> {
    try {
      const loaded = await loadConfig(paths, options)
      await nowAt(loaded.places)
      if (!closed && from !== undefined && textOf(from) !== textOf(loaded)) onChange(loaded)
    } catch (error) {
      await nowAt((error as { places?: ReadonlySet<string> }).places)
      if (!closed && from !== undefined) onError(error as Error)
    }
  }

  async function readAgain(): Promise<void> {
    try {
      const loaded = await loadConfig(paths, options)
      await nowAt(loaded.places)
      if (!closed) onChange(loaded)
    } catch (error) {
      await nowAt((error as { places?: ReadonlySet<string> }).places)
      if (!closed) onError(error as Error)
    }
  }

  async function nowAt(found: ReadonlySet<string> | undefined): Promise<void> {
    if (found === undefined || [...found].every((place) => places.has(place))) return
    places = new Set([...places, ...found])
    known = seen = await stateOf(places)
  }

  let timer = setTimeout(next, 0)
  timer.unref()
  async function next(): Promise<void> {
    await look().catch(onError)
    if (closed) return
    timer = setTimeout(next, intervalMs)
    timer.unref()
  }
  return {
    close() {
      closed = true
      clearTimeout(timer)
    }
  }
}

function textOf({ texts }: LoadedConfig): string {
  return texts.map(({ file, text }) => `${file}\n${text}`).join('\n')
}

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
