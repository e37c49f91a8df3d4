import { randomFillSync } from 'node:crypto'

const BYTES = 16
const LENGTH = 36
const POOLED = 128

const HEX = Buffer.from('0123456789abcdef')
/** Where the text of each byte begins; the hyphens lie between. */
const OFFSETS = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]

/**
 * Random UUIDs (version 4, RFC 9562) from Node's cryptographic random source. `crypto.randomUUID` joins each of twenty
 * parts, which V8 keeps as a tree of 500 bytes and flattens when the text is written: a request pays for both.
 */
export class RandomUuids {
  readonly #random = Buffer.allocUnsafeSlow(BYTES * POOLED)
  readonly #text = Buffer.allocUnsafeSlow(LENGTH).fill('-')
  #at = this.#random.length

  next(): string {
    if (this.#at === this.#random.length) {
      randomFillSync(this.#random)
      this.#at = 0
    }
    for (let index = 0; index < BYTES; index++) this.#write(index, this.#random[this.#at++] as number)
    return this.#text.toString('latin1', 0, LENGTH)
  }

  #write(index: number, byte: number): void {
    const marked = index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte
    const offset = OFFSETS[index] as number
    this.#text[offset] = HEX[marked >> 4] as number
    this.#text[offset + 1] = HEX[marked & 0x0f] as number
  }
}
