import { createHash } from 'node:crypto'
import { toldError } from '@gatewright/core'
import { AgainLater } from './again-later.js'
import { merge } from './merge.js'
import { plainCopy } from './plain-copy.js'
import type { FileProblem } from './problems.js'
import { placeIn } from './read-record.js'
import { readRemote } from './remote-text.js'
import type { ConfigSource, Followed, SourceContext, SourceRead, SourceSink } from './source.js'
import { SourceText } from './source-text.js'
import { shownMs, within } from './within.js'

/** What a stream gives: a configuration, or its text in YAML or JSON. */
export type StreamedConfig = object | string

/** How a stream is read. */
export interface StreamSourceOptions {
  /** Whether `${…}` in texts stands for the environment, files and functions of this machine. Default false. */
  readonly references?: boolean
}

/**
 * Configurations from code: each one that the iterable gives takes the place of the one before. `open` is called for the
 * first, and again, after a while, when the iterable has thrown; one that ends leaves its last configuration.
 *
 * @example
 * stream('consul', async function* () {
 *   for await (const { value } of consul.watch('gateway')) yield value
 * })
 */
export function stream(
  name: string,
  open: () => AsyncIterable<StreamedConfig>,
  options: StreamSourceOptions = {}
): ConfigSource {
  // What was begun by `read` goes on in `follow`.
  let begun: AsyncIterator<StreamedConfig> | null = null
  const { references = false } = options

  const stop = (): void => {
    // Nobody waits for it.
    begun?.return?.()?.then(undefined, () => {})
    begun = null
  }

  async function next(context: SourceContext, deadlineMs: number | null): Promise<SourceRead | null> {
    try {
      begun ??= open()[Symbol.asyncIterator]()
      const waiting = begun.next()
      const late = (): Error => new Error(`nothing has come within ${shownMs(deadlineMs ?? 0)}`)
      const item = await (deadlineMs === null ? waiting : within(waiting, deadlineMs, late, context.timers))
      return item.done === true ? null : await readItem(name, item.value, references, context)
    } catch (error) {
      stop()
      return broken(`${name}: ${error instanceof Error ? error.message : toldError(error)}`)
    }
  }
  return {
    name,
    async read(context) {
      const place = context.replay === null ? null : placeIn(context.replay, `stream ${name}`)
      if (place !== null)
        return 'text' in place
          ? await readItem(name, place.text, references, context)
          : broken(`${name}: what a stream of objects gave cannot be read again`)
      return (
        (await next(context, context.deadlineMs)) ?? broken(`${name}: it has ended without a configuration`)
      )
    },
    follow: (context, first, sink) =>
      new FollowedStream({ next: (following) => next(following, null), stop }, context, first, sink)
  }
}

function broken(message: string): SourceRead {
  return { part: null, problems: [{ path: '', message }], texts: [], fingerprint: '', memory: null }
}

async function readItem(
  name: string,
  item: unknown,
  references: boolean,
  context: SourceContext
): Promise<SourceRead> {
  if (typeof item === 'string') {
    const fingerprint = createHash('sha256').update(item).digest('hex')
    return await readRemote(
      { name, address: `stream ${name}`, content: item, isJson: false, references },
      context,
      fingerprint,
      null
    )
  }
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    return broken(`${name}: what it gives must be a configuration, or its text`)
  const problems: FileProblem[] = []
  const source = new SourceText(name, '')
  const value = plainCopy(item, problems) as Readonly<Record<string, unknown>>
  const merged = merge([{ source, value, locate: () => undefined }], problems)
  // Functions are told apart by what they are: each item is another one.
  const fingerprint = crypto.randomUUID()
  const nothing = { places: new Set<string>(), secrets: new Set<string>(), recorded: {} }
  const part = { ...nothing, merged, texts: [source], fingerprint }
  return { part: problems.length > 0 ? null : part, problems, texts: [source], fingerprint, memory: null }
}

interface Items {
  /** The next one; `null` at the end. Never rejects. */
  next(context: SourceContext): Promise<SourceRead | null>
  stop(): void
}

class FollowedStream implements Followed {
  readonly #items: Items
  readonly #context: SourceContext
  readonly #sink: SourceSink
  readonly #again: AgainLater
  #told: SourceRead | null
  #cancel = (): void => {}
  #closed = false

  constructor(items: Items, context: SourceContext, first: SourceRead | null, sink: SourceSink) {
    this.#items = items
    this.#context = context
    this.#sink = sink
    this.#told = first
    this.#again = new AgainLater(context.chance)
    void this.#run()
  }

  // It comes by itself: what came last is told again.
  async refresh(): Promise<void> {
    if (this.#told !== null) this.#sink.took(this.#told)
  }

  close(): void {
    this.#closed = true
    this.#cancel()
    this.#items.stop()
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      const read = await this.#items.next(this.#context)
      if (this.#closed || read === null) return
      const isSame = read.fingerprint === this.#told?.fingerprint && read.fingerprint !== ''
      this.#told = read
      if (isSame && read.part !== null) this.#sink.well()
      else this.#sink.took(read)
      if (read.fingerprint === '') await this.#pause()
      else this.#again.reset()
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#cancel = this.#context.timers.after(this.#again.nextMs(), resolve)
    })
  }
}
