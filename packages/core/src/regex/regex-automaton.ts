import { ANY, type CharSet, ESCAPES, isSingle, negate, single, withOtherCase } from './char-set.js'

/** A fragment of the pattern: its possible first and last positions, and whether it can match the empty text. */
interface Part {
  readonly first: readonly number[]
  readonly last: readonly number[]
  readonly empty: boolean
}

/**
 * The position automaton of a pattern (Glushkov 1961): one state per character of the pattern, entered by that
 * character. State 0 is the start.
 */
export interface Automaton {
  readonly sets: readonly CharSet[]
  readonly follow: readonly (readonly number[])[]
  /** States in which the pattern may be complete. */
  readonly last: readonly number[]
  /** Whether `$` or `\b` stands in it somewhere. */
  readonly asserts: boolean
}

/** Syntax that cannot be matched in linear time, or that is not read here. The message is a verb phrase. */
export class UnsupportedSyntax extends Error {}

const MAX_STATES = 512
const TOO_LARGE = `stands for more than ${MAX_STATES} characters`
const NOTHING: Part = { first: [], last: [], empty: true }

/**
 * Reads a pattern that `RegExp` accepts, as with the flag `s` and, if asked for, `i`. Throws
 * {@link UnsupportedSyntax} for look-around, back-references and whatever else has no such automaton, and for
 * repetitions of repetitions, which match one text in many ways.
 */
export function readPattern(source: string, ignoreCase: boolean): Automaton {
  return new Reader(source, ignoreCase).read()
}

class Reader {
  readonly #source: string
  readonly #ignoreCase: boolean
  #at = 0
  #asserts = false
  readonly #sets: CharSet[] = [[]]
  readonly #follow: number[][] = [[]]

  constructor(source: string, ignoreCase: boolean) {
    this.#source = source
    this.#ignoreCase = ignoreCase
  }

  read(): Automaton {
    let part = this.#sequence()
    const anchored = this.#source[0] === '^' && this.#at === this.#source.length
    part = this.#alternatives(part)
    const start = this.#follow[0] as number[]
    // A search that is not anchored tries every place: the same as beginning with `.*`.
    if (!anchored) {
      this.#sets[0] = ANY
      start.push(0)
    }
    start.push(...part.first)
    const last = part.empty ? [0, ...part.last] : part.last
    return { sets: this.#sets, follow: this.#follow, last, asserts: this.#asserts }
  }

  #alternatives(begun: Part): Part {
    let part = begun
    while (this.#source[this.#at] === '|') {
      this.#at++
      const other = this.#sequence()
      if (part.empty && other.empty) throw new UnsupportedSyntax('can match nothing in more than one way')
      part = {
        first: [...part.first, ...other.first],
        last: [...part.last, ...other.last],
        empty: part.empty || other.empty
      }
    }
    return part
  }

  #sequence(): Part {
    let part = NOTHING
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at] as string))
      part = this.#concat(part, this.#repeated())
    return part
  }

  #concat(a: Part, b: Part): Part {
    this.#link(a.last, b.first)
    return {
      first: a.empty ? [...a.first, ...b.first] : a.first,
      last: b.empty ? [...a.last, ...b.last] : b.last,
      empty: a.empty && b.empty
    }
  }

  #link(from: readonly number[], to: readonly number[]): void {
    for (const state of from) {
      const next = this.#follow[state] as number[]
      for (const other of to) {
        // Two ways from one state to another double with every turn of the loop that made them.
        if (next.includes(other)) throw new UnsupportedSyntax('repeats a repetition')
        next.push(other)
      }
    }
  }

  #repeated(): Part {
    const start = this.#at
    let part = this.#atom()
    const { min, max } = this.#quantifier()
    if (max === 0) return NOTHING
    if (min > MAX_STATES) throw new UnsupportedSyntax(TOO_LARGE)
    if (max > min && part.empty) throw new UnsupportedSyntax('repeats what can match nothing')
    const after = this.#at
    let whole = part
    for (let copies = 1; copies < min; copies++) {
      this.#at = start
      part = this.#atom()
      whole = this.#concat(whole, part)
    }
    this.#at = after
    // An upper limit would only turn a power into a large constant, so it is read as no limit.
    if (max > min && max > 1) this.#link(part.last, part.first)
    return min === 0 ? { ...whole, empty: true } : whole
  }

  #quantifier(): { min: number; max: number } {
    const match = /^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})/.exec(this.#source.slice(this.#at, this.#at + 32))
    if (match === null) return { min: 1, max: 1 }
    const [text, low, comma, high] = match
    this.#at += text.length
    if (this.#source[this.#at] === '?') this.#at++
    if (low === undefined)
      return { min: text === '+' ? 1 : 0, max: text === '?' ? 1 : Number.POSITIVE_INFINITY }
    const min = Number(low)
    if (comma === undefined) return { min, max: min }
    return { min, max: high === '' ? Number.POSITIVE_INFINITY : Number(high) }
  }

  #atom(): Part {
    const char = this.#source[this.#at++] as string
    switch (char) {
      case '(':
        return this.#group()
      case '[':
        return this.#state(this.#charClass())
      case '.':
        return this.#state(ANY)
      case '^':
        return NOTHING
      case '$':
        this.#asserts = true
        return NOTHING
      case '\\':
        return this.#escape()
      default:
        return this.#state(this.#cased(single(char.charCodeAt(0))))
    }
  }

  #group(): Part {
    const kind = /^\?(?::|<(?![=!])[^>]*>)/.exec(this.#source.slice(this.#at))
    if (kind !== null) this.#at += kind[0].length
    else if (this.#source[this.#at] === '?')
      throw new UnsupportedSyntax('has a group that looks around or sets flags')
    const part = this.#alternatives(this.#sequence())
    this.#at++
    return part
  }

  #escape(): Part {
    const char = this.#source[this.#at] as string
    if (char === 'b' || char === 'B') {
      this.#at++
      this.#asserts = true
      return NOTHING
    }
    if (/[1-9k]/.test(char)) throw new UnsupportedSyntax('refers back to a group')
    return this.#state(this.#cased(this.#escaped()))
  }

  // After the backslash, inside and outside of classes.
  #escaped(): CharSet {
    const char = this.#source[this.#at++] as string
    const known = ESCAPES.get(char)
    if (known !== undefined) return known
    const hex = /^(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4}))/.exec(
      this.#source.slice(this.#at - 1, this.#at + 4)
    )
    if (hex !== null) {
      this.#at += hex[0].length - 1
      return single(Number.parseInt((hex[1] ?? hex[2]) as string, 16))
    }
    if (/\w/.test(char)) throw new UnsupportedSyntax(`has '\\${char}', which is not read here`)
    return single(char.charCodeAt(0))
  }

  #charClass(): CharSet {
    const not = this.#source[this.#at] === '^'
    if (not) this.#at++
    const set: (readonly [number, number])[] = []
    while (this.#source[this.#at] !== ']') {
      const from = this.#classItem()
      const to =
        this.#source[this.#at] === '-' && this.#source[this.#at + 1] !== ']' ? this.#rangeEnd() : from
      // A class at either end of a hyphen makes the hyphen a character of its own.
      if (from !== to && isSingle(from) && isSingle(to)) set.push([from[0][0], to[0][1]])
      else if (from !== to) set.push(...from, ...single(45), ...to)
      else set.push(...from)
    }
    this.#at++
    const rest = negate(this.#cased(set))
    return not ? rest : negate(rest)
  }

  #cased(set: CharSet): CharSet {
    return this.#ignoreCase ? withOtherCase(set) : set
  }

  #rangeEnd(): CharSet {
    this.#at++
    return this.#classItem()
  }

  #classItem(): CharSet {
    const char = this.#source[this.#at++] as string
    if (char !== '\\') return single(char.charCodeAt(0))
    if (this.#source[this.#at] === 'b') {
      this.#at++
      return single(8)
    }
    return this.#escaped()
  }

  #state(set: CharSet): Part {
    const state = this.#sets.push(set) - 1
    if (state > MAX_STATES) throw new UnsupportedSyntax(TOO_LARGE)
    this.#follow.push([])
    return { first: [state], last: [state], empty: false }
  }
}
