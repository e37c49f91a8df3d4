import type { Exchange, Fact, FactValue } from '@gatewright/core'
import type { FieldTexts } from './field-texts.js'
import { ACCESS_LOG_FIELDS } from './line.js'

/** Fields that every line has, whether a feature fills them or not. */
const ALWAYS = ['cache', 'breaker_state', 'canary_variant']

/** What a line shows of the facts that features have found out. */
export class LineFacts {
  readonly all: readonly Fact[]
  readonly #always: readonly { readonly head: string; readonly fact: Fact | undefined }[]
  readonly #others: readonly { readonly head: string; readonly fact: Fact }[]

  constructor(all: readonly Fact[]) {
    this.all = all
    this.#always = ALWAYS.map((log) => ({ head: `,"${log}":`, fact: all.find((fact) => fact.log === log) }))
    this.#others = all.flatMap((fact) =>
      fact.log === undefined || ALWAYS.includes(fact.log) ? [] : [{ head: `,"${fact.log}":`, fact }]
    )
  }

  /** The fields that stand between the retries and the reason. */
  always(exchange: Exchange, texts: FieldTexts): string {
    if (this.all.length === 0) return NOTHING
    let text = ''
    for (const { head, fact } of this.#always)
      text += head + (fact === undefined ? 'null' : textOf(fact.read(exchange), texts))
    return text
  }

  /** The fields that stand behind the fallback. */
  others(exchange: Exchange, texts: FieldTexts): string {
    let text = ''
    for (const { head, fact } of this.#others) text += head + textOf(fact.read(exchange), texts)
    return text
  }
}

/** Yields a problem for each fact whose field the log has itself. */
export function* takenFields(facts: readonly Fact[]): Iterable<string> {
  for (const { name, log = '' } of facts)
    if (!ALWAYS.includes(log) && (ACCESS_LOG_FIELDS as readonly string[]).includes(log))
      yield `accessLog: the fact '${name}' cannot be the field '${log}', which every line has; choose another one`
}

const NOTHING = ',"cache":null,"breaker_state":null,"canary_variant":null'

function textOf(value: FactValue, texts: FieldTexts): string {
  return typeof value === 'string' || value === null ? texts.of(value) : String(value)
}
