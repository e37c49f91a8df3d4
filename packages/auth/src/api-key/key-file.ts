import { readFileSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { type Cancel, type Gateway, schemaProblems, toldError } from '@gatewright/core'
import { apiKeys } from '../config/validate.js'
import type { Kept } from '../scheme.js'
import { type ApiKey, type ApiKeyEntry, apiKeyOf, checkEntries } from './entry.js'

/** A file with a list of keys, read again when it changes. While it is wrong, the last right list holds. */
export class KeyFile implements Kept {
  readonly #path: string
  readonly #gateway: Gateway
  readonly #cancel: Cancel
  #stamp = ''
  #reading = false
  #keys: ReadonlyMap<string, ApiKey> = new Map()
  /** What is wrong with what was read first; empty for nothing. */
  readonly problems: readonly string[]

  constructor(path: string, refreshMs: number, gateway: Gateway) {
    this.#path = path
    this.#gateway = gateway
    this.problems = this.#take(() => readFileSync(path, 'utf8'))
    this.#cancel = gateway.timers.every(refreshMs, () => void this.refresh())
  }

  /** By their digests. */
  get keys(): ReadonlyMap<string, ApiKey> {
    return this.#keys
  }

  /** Reads the file if it has changed. Never rejects. */
  async refresh(): Promise<void> {
    if (this.#reading) return
    this.#reading = true
    try {
      const { mtimeMs, size, ino } = await stat(this.#path)
      const stamp = `${mtimeMs} ${size} ${ino}`
      if (stamp === this.#stamp) return
      const text = await readFile(this.#path, 'utf8')
      this.#stamp = stamp
      this.#warn(this.#take(() => text))
    } catch (error) {
      this.#warn([`cannot be read: ${toldError(error)}`])
    } finally {
      this.#reading = false
    }
  }

  close(): void {
    this.#cancel()
  }

  #take(read: () => string): readonly string[] {
    try {
      const entries = JSON.parse(read()) as readonly ApiKeyEntry[]
      const wrong = schemaProblems(apiKeys, entries, 'keys')
      const problems = wrong.length > 0 ? wrong : [...checkEntries(entries, null, 'keys')]
      if (problems.length === 0)
        this.#keys = new Map(entries.map((entry) => [apiKeyOf(entry).digest, apiKeyOf(entry)]))
      return problems
    } catch (error) {
      return [error instanceof SyntaxError ? 'is no JSON' : `cannot be read: ${toldError(error)}`]
    }
  }

  #warn(problems: readonly string[]): void {
    if (problems.length === 0) return
    const whose = `the file of API keys '${this.#path}'`
    this.#gateway.faults.warn(
      whose,
      `is not taken, and the keys from before hold: ${problems.join('; ')}`,
      null
    )
  }
}
