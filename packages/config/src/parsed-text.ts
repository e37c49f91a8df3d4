import { serialize } from 'node:v8'

/** A value in a text, and where it stands. Offsets are those of its key in a map, else its own. */
export interface Place {
  readonly at: number
  readonly keys: ReadonlyMap<string, Place> | null
  readonly items: readonly Place[] | null
}

/** What is wrong with a text, at an offset. */
export interface TextProblem {
  readonly message: string
  readonly at: number
}

/** A value with references: it is to be replaced by what they stand for. */
export interface Template {
  readonly text: string
  readonly at: number
  /** Whether what a reference to the environment stands for is read as if it stood there: `8080` is a number. */
  readonly isPlain: boolean
}

/** What a text says, as far as its own characters tell. It can be sent between threads. */
export interface ParsedText {
  /** `null` when there is a problem. */
  readonly value: Record<string, unknown> | null
  readonly root: Place
  readonly problems: readonly TextProblem[]
  readonly templates: readonly Template[]
  /** What stands in the value for a template: this, and its number. */
  readonly marker: string
}

/** How deep maps and lists may stand within each other. */
export const DEEPEST = 200

/** Sets a key, whatever it is called: `__proto__` is a key as any other, to be refused by its name. */
export function setKey(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
}

/** A text that cannot be read any further. */
export class TextError extends Error {
  readonly at: number

  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

/** Reads a text; what it throws is a problem too. */
export function parsedText(
  read: (
    problems: TextProblem[],
    templates: Template[],
    marker: string
  ) => { value: unknown; root: Place } | null
): ParsedText {
  const problems: TextProblem[] = []
  const templates: Template[] = []
  // Nobody can have written it.
  const marker = `\u0000${crypto.randomUUID()}:`
  let found: { value: unknown; root: Place } | null = null
  try {
    found = read(problems, templates, marker)
  } catch (error) {
    if (error instanceof TextError) problems.push({ message: error.message, at: error.at })
    else if (error instanceof RangeError) problems.push({ message: TOO_DEEP, at: 0 })
    else throw error
  }
  const { value = {}, root = NOWHERE } = found ?? {}
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (problems.length === 0 && !isMap)
    problems.push({ message: 'a configuration must be a map of keys', at: 0 })
  return {
    value: problems.length === 0 ? (value as Record<string, unknown>) : null,
    root,
    problems,
    templates,
    marker
  }
}

export const TOO_DEEP = `maps and lists stand more than ${DEEPEST} deep within each other`

const NOWHERE: Place = { at: 0, keys: null, items: null }

/** A {@link ParsedText} for another thread. */
export interface PackedText {
  readonly parsed: Omit<ParsedText, 'root'>
  /** The root, serialized: places are seldom asked for. */
  readonly places: Uint8Array<ArrayBuffer>
}

/** Packs it. */
export function packed({ root, ...parsed }: ParsedText): PackedText {
  return { parsed, places: new Uint8Array(serialize(root)) }
}
