import { type Exchange, schemaProblems } from '@gatewright/core'
import type { ApiKeySchemeConfig } from '../config/config.js'
import { apiKeys } from '../config/validate.js'
import { durationOf } from '../duration-of.js'
import {
  ABSENT,
  type Absent,
  type Identified,
  type Invalid,
  invalid,
  type Outcome,
  type Scheme,
  type SchemeContext,
  type SchemeKind,
  unavailable
} from '../scheme.js'
import { checkTokenPlaces, TokenSource } from '../tokens/token-source.js'
import { openFile, type WatchedFile } from '../watched-file.js'
import { type ApiKey, type ApiKeyEntry, apiKeyOf, checkEntries, timeProblem } from './entry.js'
import { digestOf, idIn } from './key-format.js'
import { KeyLookup } from './key-lookup.js'

const LONGEST = 512
const HEADER = [{ header: 'x-api-key' }] as const

/** A scheme of API keys: of the configuration, a file, or a function of the user's. */
export const apiKeyKind: SchemeKind<ApiKeySchemeConfig> = {
  type: 'apiKey',
  *check({ from, keys = [], file, refresh, lookup, cache, timeout }, at, { consumers = {} }) {
    if (from !== undefined) yield* checkTokenPlaces(from, `${at}.from`)
    if (file === undefined && lookup === undefined && keys.length === 0)
      yield `${at}: has no keys; give 'keys', 'file' or 'lookup'`
    yield* checkEntries(keys, consumers, `${at}.keys`)
    if (refresh !== undefined && file === undefined) yield `${at}.refresh: does nothing without 'file'`
    if (lookup !== undefined && typeof lookup !== 'function') yield `${at}.lookup: must be a function`
    for (const [name, value] of Object.entries({ cache, timeout }))
      if (value !== undefined && lookup === undefined) yield `${at}.${name}: does nothing without 'lookup'`
  },
  create: (config, context) => new ApiKeyScheme(config, context)
}

/** A key, and whom it stands for in this configuration. */
interface Owned {
  readonly key: ApiKey
  readonly outcome: Identified
}

class ApiKeyScheme implements Scheme {
  readonly name: string
  readonly challenge: string
  readonly #context: SchemeContext
  readonly #source: TokenSource
  readonly #prefix: string | null
  readonly #keys = new Map<string, Owned>()
  readonly #file: WatchedFile<ReadonlyMap<string, ApiKey>> | null
  readonly #lookup: KeyLookup | null
  readonly #held: boolean
  readonly #config: ApiKeySchemeConfig

  constructor(config: ApiKeySchemeConfig, context: SchemeContext) {
    const { from = HEADER, forward = false, prefix = null, keys = [], file, refresh = '10s', lookup } = config
    this.name = context.name
    this.challenge = `ApiKey realm="${context.realm}"`
    this.#context = context
    this.#source = new TokenSource(from, forward)
    this.#held = from.length > 1
    this.#prefix = prefix
    for (const entry of keys) {
      const key = apiKeyOf(entry)
      this.#keys.set(key.digest, { key, outcome: this.#outcomeOf(key, 1) })
    }
    this.#file =
      file === undefined
        ? null
        : openFile(context, file, durationOf(refresh), 'the file of API keys', readKeys)
    this.#lookup =
      lookup === undefined ? null : context.keep('lookup', () => new KeyLookup(lookup, context.gateway))
    this.#config = config
  }

  commit(): void {
    const { lookup, timeout = '5s', cache = {} } = this.#config
    if (lookup !== undefined) this.#lookup?.use(lookup, durationOf(timeout), cache)
  }

  authenticate(exchange: Exchange, done: (outcome: Outcome) => void): void {
    const sent = this.#sent(exchange)
    if (typeof sent !== 'string') {
      done(sent)
      return
    }
    const digest = digestOf(sent)
    const known = this.#known(digest)
    if (known !== undefined || this.#lookup === null) {
      done(this.#judged(known ?? null, exchange))
      return
    }
    this.#lookup.find(digest, idIn(sent), (result) => {
      if (result !== null && 'failed' in result)
        done(unavailable(`the look-up of keys of '${this.name}': ${result.failed}`))
      else done(this.#judged(result, exchange))
    })
  }

  recall(exchange: Exchange): Identified | Absent | null {
    const sent = this.#sent(exchange)
    if (sent === ABSENT) return ABSENT
    const known = typeof sent === 'string' ? (this.#known(digestOf(sent)) ?? null) : null
    const outcome = known === null ? null : this.#judged(known, exchange)
    return outcome?.kind === 'identified' ? outcome : null
  }

  // The key that may be one, or what can be said without looking for it.
  #sent(exchange: Exchange): string | Absent | Invalid {
    const sent = this.#source.read(exchange)
    if (sent === null || sent === '') return ABSENT
    const problem = typeof sent === 'string' ? this.#formProblem(sent) : sent.problem
    return problem === null ? (sent as string) : invalid(`the key of '${this.name}': ${problem}`)
  }

  #formProblem(sent: string): string | null {
    if (sent.length > LONGEST) return `it is longer than ${LONGEST} characters`
    return this.#prefix !== null && idIn(sent, this.#prefix) === null
      ? `it does not begin with '${this.#prefix}_', or its checksum is wrong`
      : null
  }

  #known(digest: string): ApiKey | null | undefined {
    return this.#keys.get(digest)?.key ?? this.#file?.value?.get(digest) ?? this.#lookup?.recall(digest)
  }

  #judged(key: ApiKey | null, exchange: Exchange): Outcome {
    if (key === null) return invalid(`the key of '${this.name}' is unknown`)
    const problem = timeProblem(key, Date.now())
    if (problem !== null) return invalid(problem)
    const own = this.#keys.get(key.digest)
    return own !== undefined && !this.#held ? own.outcome : this.#outcomeOf(key, this.#source.held(exchange))
  }

  #outcomeOf({ found }: ApiKey, held: number): Identified {
    const identity = this.#context.identify(found)
    return { kind: 'identified', identity, removes: this.#source.removes(held), sets: null }
  }
}

function readKeys(json: unknown) {
  const entries = json as readonly ApiKeyEntry[]
  const wrong = schemaProblems(apiKeys, entries, 'keys')
  const problems = wrong.length > 0 ? wrong : [...checkEntries(entries, null, 'keys')]
  if (problems.length > 0) return { problems }
  const keys = entries.map(apiKeyOf)
  return { value: new Map(keys.map((key) => [key.digest, key])) }
}
