import { type FieldKind, kindOf } from './response-fields.js'

/** Longer names and values are too rare, or too different each time, to be remembered. */
const LONGEST = 64

/** A header field that has been met: its name and the value it had last. */
class Field {
  /** In lower case. */
  readonly name: string
  readonly kind: FieldKind
  readonly #nameBytes: Uint8Array
  #value = ''
  #valueBytes = new Uint8Array()
  #others = 0

  constructor(raw: Buffer) {
    // A string that was a property key has its hash cached.
    const [name] = Object.keys({ [latin1(raw).toLowerCase()]: 0 }) as [string]
    this.name = name
    this.kind = kindOf(name)
    this.#nameBytes = new Uint8Array(raw)
  }

  isNamed(raw: Buffer): boolean {
    return isSame(this.#nameBytes, raw)
  }

  /** The text of a value. */
  textOf(raw: Buffer): string {
    if (raw.length > LONGEST) return latin1(raw)
    if (isSame(this.#valueBytes, raw)) return this.#value
    const text = latin1(raw)
    // A value that is another each time is not worth its copy.
    if (this.#others++ % 16 === 0) {
      this.#valueBytes = new Uint8Array(raw)
      this.#value = text
    }
    return text
  }
}

const SLOTS = 512

/**
 * The header fields that have been met. Upstreams send the same few names again and again, mostly with the value they
 * had before: comparing bytes is cheaper than making strings.
 */
export class KnownFields {
  // A slot holds the field met last, so that names an upstream makes up take no more room than others.
  readonly #slots: (Field | undefined)[] = new Array(SLOTS).fill(undefined)

  /** The header field of this name. */
  named(raw: Buffer): Field {
    const { length } = raw
    if (length === 0 || length > LONGEST) return new Field(raw)
    const first = raw[0] as number
    const middle = raw[length >> 1] as number
    const last = raw[length - 1] as number
    const slot = (length * 31 + first * 17 + middle * 5 + last) & (SLOTS - 1)
    const there = this.#slots[slot]
    if (there?.isNamed(raw)) return there
    const field = new Field(raw)
    this.#slots[slot] = field
    return field
  }
}

function latin1(raw: Buffer): string {
  return raw.toString('latin1')
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
