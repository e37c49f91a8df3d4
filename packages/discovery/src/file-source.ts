import type { BigIntStats } from 'node:fs'
import * as nodeFiles from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Cancel, Timers } from '@gatewright/core'
import type { DiscoveredEndpoints } from './config/callbacks.js'
import type { Found, Source } from './source-loop.js'

const LOOK_MS = 1_000
/** Interval of unconditional rereads: some file systems do not show changes in metadata. */
const READ_AGAIN_MS = 60_000

/** The subset of Node's file system API in use. */
export interface Files {
  stat(path: string, options: { readonly bigint: true }): Promise<BigIntStats>
  readFile(path: string, encoding: 'utf8'): Promise<string>
}

/**
 * Endpoints from a JSON file, polled by path every second. A file watcher would miss swapped symbolic links and replaced
 * folders in the path, which deployments use.
 */
export class FileSource implements Source {
  readonly #file: string
  readonly #timers: Timers
  readonly #files: Files
  #read = ''
  #looking = false

  constructor(path: string, timers: Timers, files: Files = nodeFiles) {
    this.#file = resolve(path)
    this.#timers = timers
    this.#files = files
  }

  /** Throws if the file cannot be read or does not contain a list. */
  async *find(): AsyncGenerator<Found> {
    // The version is taken first, so that a change during the read causes another one.
    this.#read = await this.#version()
    yield { endpoints: await this.#list(), freshMs: READ_AGAIN_MS }
  }

  onChange(changed: () => void): Cancel {
    return this.#timers.every(LOOK_MS, () => void this.#look(changed))
  }

  // One check at a time: a hanging file system must not occupy the thread pool.
  async #look(changed: () => void): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    const version = await this.#version()
    this.#looking = false
    if (version !== this.#read) changed()
  }

  // Identifies the version of the file, or the error if it cannot be read. Never rejects.
  async #version(): Promise<string> {
    try {
      const { dev, ino, size, mtimeNs, ctimeNs } = await this.#files.stat(this.#file, { bigint: true })
      return [dev, ino, size, mtimeNs, ctimeNs].join()
    } catch (error) {
      return String((error as NodeJS.ErrnoException).code)
    }
  }

  async #list(): Promise<DiscoveredEndpoints> {
    const text = await this.#files.readFile(this.#file, 'utf8')
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (cause) {
      throw new Error(`${this.#file} is not JSON`, { cause })
    }
    if (!Array.isArray(value) || !value.every(isEndpoint))
      throw new Error(`${this.#file} must be a list of URLs or of { url, weight, authority }`)
    return value
  }
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
