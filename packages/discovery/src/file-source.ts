import type { BigIntStats } from 'node:fs'
import * as nodeFiles from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Cancel, Timers } from '@gatewright/core'
import type { DiscoveredEndpoints } from './config/callbacks.js'
import type { Found, Source } from './source-loop.js'

const LOOK_MS = 1_000
/** Some file systems show nothing of a change: the file is read this often in any case. */
const READ_AGAIN_MS = 60_000

/** The part of Node's file system that is used. */
export interface Files {
  stat(path: string, options: { readonly bigint: true }): Promise<BigIntStats>
  readFile(path: string, encoding: 'utf8'): Promise<string>
}

/**
 * The list in a JSON file. Whether it is another file now is looked up by its path every second: a watcher sees what
 * happens in the one folder that it was given, and not that a link on the way there has been swapped or the folder
 * replaced, as deployments do.
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

  /** Throws when the file cannot be read or holds no list. */
  async *find(): AsyncGenerator<Found> {
    // Looked up first: what changes while it is read is read again.
    this.#read = await this.#version()
    yield { endpoints: await this.#list(), freshMs: READ_AGAIN_MS }
  }

  onChange(changed: () => void): Cancel {
    return this.#timers.every(LOOK_MS, () => void this.#look(changed))
  }

  // One at a time: a file system that hangs must not take all of the threads.
  async #look(changed: () => void): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    const version = await this.#version()
    this.#looking = false
    if (version !== this.#read) changed()
  }

  // What tells one state of a file from another; of a file that is not there, why. Never rejects.
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
