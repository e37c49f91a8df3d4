import { watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import type { DiscoveredEndpoints } from '@gatewright/core'
import type { Found } from './source-loop.js'

/** Watchers miss things on some file systems: the file is looked at this often in any case. */
const LOOK_AGAIN_MS = 60_000

/**
 * The list in a JSON file, and again each time the file changes. The folder is watched, so that replacing the file, as
 * deployments do, is seen too. Throws when the file cannot be read or holds no list.
 */
export async function* watchFile(path: string, signal: AbortSignal): AsyncGenerator<Found> {
  const file = resolve(path)
  let changed: () => void = () => {}
  let dirty = false
  const watcher = watch(dirname(file), { persistent: false }, (_event, name) => {
    if (name !== null && name !== basename(file)) return
    dirty = true
    changed()
  })
  watcher.on('error', () => changed())
  const stop = (): void => changed()
  signal.addEventListener('abort', stop, { once: true })
  try {
    while (!signal.aborted) {
      dirty = false
      yield { endpoints: await readList(file), freshMs: LOOK_AGAIN_MS }
      if (!dirty)
        await new Promise<void>((done) => {
          changed = done
        })
    }
  } finally {
    signal.removeEventListener('abort', stop)
    watcher.close()
  }
}

/** Reads the list. Throws an error that names the file and what is wrong with it. */
async function readList(file: string): Promise<DiscoveredEndpoints> {
  const text = await readFile(file, 'utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new Error(`${file} is not JSON`, { cause })
  }
  if (!Array.isArray(value) || !value.every(isEndpoint))
    throw new Error(`${file} must be a list of URLs or of { url, weight, authority }`)
  return value
}

function isEndpoint(value: unknown): value is DiscoveredEndpoints[number] {
  if (typeof value === 'string') return true
  if (typeof value !== 'object' || value === null) return false
  const { url, weight = 1, authority = '', ...others } = value as Record<string, unknown>
  const weighs = Number.isInteger(weight) && (weight as number) >= 0 && (weight as number) <= 65_535
  return (
    typeof url === 'string' && typeof authority === 'string' && weighs && Object.keys(others).length === 0
  )
}
