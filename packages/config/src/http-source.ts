import { createHash } from 'node:crypto'
import type { ConnectionOptions } from 'node:tls'
import {
  checkTlsMaterial,
  InvalidValueError,
  invalidConfig,
  type PoolConfig,
  shownUrl
} from '@gatewright/core'
import { AgainLater } from './again-later.js'
import { FetchError, type Fetched, fetchText } from './fetch-text.js'
import { placeIn, type ReadRecord } from './read-record.js'
import { readRemote } from './remote-text.js'
import type { ConfigSource, Followed, SourceContext, SourceRead, SourceSink } from './source.js'
import { shownMs, within } from './within.js'

type TlsConfig = NonNullable<PoolConfig['tls']>

/** How a URL is asked for a configuration. */
export interface HttpSourceOptions {
  /** How often it is asked, in milliseconds, give or take a tenth. From 100. Default 10,000. */
  readonly everyMs?: number
  /** Fields of the request, such as `authorization`. Never shown. */
  readonly headers?: Readonly<Record<string, string>>
  /** How the server is recognised, and this gateway by it: as `tls` of a pool. */
  readonly tls?: TlsConfig
  /** How long a response may take, in milliseconds. Default 10,000. */
  readonly deadlineMs?: number
  /**
   * Whether `${…}` in the text stands for the environment, files and functions of this machine. Default false: whoever writes
   * the text could send secrets of this machine wherever a route leads.
   */
  readonly references?: boolean
}

/** The validators of the last response, and what it said. */
interface Memory {
  readonly etag: string | null
  readonly lastModified: string | null
}

/**
 * A configuration that a server has: YAML, or JSON by its `Content-Type` or the end of its path, of at most 16 MiB. It is
 * asked for again and again, by its validators (`ETag`, `Last-Modified`) where it has some; a failure is tried again from
 * one second on, then after longer and longer, up to a minute. Throws GW_VALUE_INVALID, and
 * GW_CONFIG_INVALID for its `tls`.
 *
 * @example
 * watchConfig([file('gateway.yaml'), http('https://config.example.com/routes.yaml', { everyMs: 30_000 })], { onChange, onError })
 */
export function http(url: string | URL, options: HttpSourceOptions = {}): ConfigSource {
  const asked = new Asked(url, options)
  return {
    name: asked.name,
    read: (context) => asked.read(context, null),
    follow: (context, first, sink, isManual) => new FollowedUrl(asked, context, first, sink, isManual)
  }
}

class Asked {
  readonly name: string
  readonly everyMs: number
  readonly #url: URL
  readonly #options: HttpSourceOptions

  constructor(url: string | URL, options: HttpSourceOptions) {
    const { everyMs = 10_000 } = options
    if (!URL.canParse(String(url)) || !/^https?:$/.test(new URL(url).protocol))
      throw new InvalidValueError('the URL of a configuration', `http:// or https://, not '${String(url)}'`)
    const problems = [...checkTlsMaterial(options.tls ?? {}, 'tls')]
    if (problems.length > 0) throw invalidConfig(problems)
    if (!(everyMs >= 100)) throw new InvalidValueError('everyMs', 'at least 100 milliseconds')
    this.#url = new URL(url)
    this.#options = options
    this.everyMs = everyMs
    this.name = shownUrl(this.#url.href)
  }

  /** Never rejects. With what was read `before`, only what has changed is read. */
  async read(context: SourceContext, before: SourceRead | null, signal?: AbortSignal): Promise<SourceRead> {
    if (context.replay !== null) return await this.#replayed(context.replay, context)
    try {
      const memory = (before?.memory ?? null) as Memory | null
      const { status, content, type, etag, lastModified } = await this.#fetched(context, memory, signal)
      if (status === 304 && before === null) throw new FetchError('the server has answered 304')
      if (status === 304) return before as SourceRead
      if (content.length === 0) throw new FetchError('the response is empty: {} is an empty configuration')
      return await this.#readText(content, type, { etag, lastModified }, context)
    } catch (error) {
      const { message, code } = error as NodeJS.ErrnoException
      const problems = [{ path: '', message: `${this.name}: ${message || code}` }]
      return { part: null, problems, texts: [], fingerprint: '', memory: { waitMs: waitOf(error) } }
    }
  }

  async #readText(
    content: string | Buffer,
    type: string,
    memory: Memory,
    context: SourceContext
  ): Promise<SourceRead> {
    const { references = false } = this.#options
    const isJson = /[/+]json\b/i.test(type) || this.#url.pathname.endsWith('.json')
    const fingerprint = createHash('sha256').update(String(isJson)).update(content).digest('hex')
    const { name } = this
    // By its type too: it is read again without the response.
    const address = `${isJson ? 'json' : 'yaml'} ${this.#url.href}`
    return await readRemote({ name, address, content, isJson, references }, context, fingerprint, memory)
  }

  // The text of the record; the type is part of its address.
  async #replayed(replay: ReadRecord, context: SourceContext): Promise<SourceRead> {
    const json = placeIn(replay, `json ${this.#url.href}`)
    const place = json !== null && 'text' in json ? json : placeIn(replay, `yaml ${this.#url.href}`)
    const content = place !== null && 'text' in place ? place.text : ''
    const memory = { etag: null, lastModified: null }
    return await this.#readText(content, place === json ? 'application/json' : '', memory, context)
  }

  async #fetched(context: SourceContext, memory: Memory | null, outer?: AbortSignal): Promise<Fetched> {
    const { tls, headers = {}, deadlineMs = context.deadlineMs } = this.#options
    const abort = new AbortController()
    const stop = (): void => abort.abort()
    outer?.addEventListener('abort', stop)
    try {
      return await within(
        fetchText({
          url: this.#url,
          headers: {
            ...(memory?.etag == null ? {} : { 'if-none-match': memory.etag }),
            ...(memory?.lastModified == null ? {} : { 'if-modified-since': memory.lastModified }),
            ...headers
          },
          tls: tlsOptions(tls),
          signal: abort.signal
        }),
        deadlineMs,
        () => new Error(`no response within ${shownMs(deadlineMs)}`),
        context.timers
      )
    } finally {
      outer?.removeEventListener('abort', stop)
      stop()
    }
  }
}

function tlsOptions({ ca, insecureBecause, ...others }: TlsConfig = {}): ConnectionOptions {
  const authorities = ca === undefined ? {} : { ca: [ca].flat() as string[] }
  return { ...others, ...authorities, rejectUnauthorized: insecureBecause === undefined }
}

function waitOf(error: unknown): number {
  return error instanceof FetchError ? error.waitMs : 0
}

class FollowedUrl implements Followed {
  readonly #asked: Asked
  readonly #context: SourceContext
  readonly #sink: SourceSink
  readonly #again: AgainLater
  readonly #abort = new AbortController()
  /** The last response that was one, and what was told last. */
  #answered: SourceRead | null
  #told: SourceRead | null
  #cancel = (): void => {}

  constructor(
    asked: Asked,
    context: SourceContext,
    first: SourceRead | null,
    sink: SourceSink,
    isManual: boolean
  ) {
    this.#asked = asked
    this.#context = context
    this.#sink = sink
    this.#again = new AgainLater(context.chance, Math.max(60_000, asked.everyMs))
    this.#answered = this.#told = first?.fingerprint === '' ? null : first
    if (!isManual)
      this.#cancel = context.timers.after(first === null ? 0 : this.#everyMs(), () => void this.#next())
  }

  async refresh(): Promise<void> {
    await this.#ask(true)
  }

  close(): void {
    this.#cancel()
    this.#abort.abort()
  }

  async #next(): Promise<void> {
    const waitMs = await this.#ask(false)
    if (!this.#abort.signal.aborted)
      this.#cancel = this.#context.timers.after(waitMs, () => void this.#next())
  }

  async #ask(isAsked: boolean): Promise<number> {
    const read = await this.#asked.read(this.#context, this.#answered, this.#abort.signal)
    if (this.#abort.signal.aborted) return 0
    const isAnswer = read.fingerprint !== ''
    if (isAnswer) this.#answered = read
    const isSame = read.fingerprint === this.#told?.fingerprint && messageOf(read) === messageOf(this.#told)
    this.#told = read
    if (!isSame || isAsked) this.#sink.took(read)
    else if (read.part !== null) this.#sink.well()
    if (isAnswer) {
      this.#again.reset()
      return this.#everyMs()
    }
    return Math.max(this.#again.nextMs(), (read.memory as { readonly waitMs: number }).waitMs)
  }

  #everyMs(): number {
    return this.#asked.everyMs * (0.9 + this.#context.chance() / 5)
  }
}

function messageOf({ problems }: SourceRead): string {
  return problems.map(({ message }) => message).join('\n')
}
