/** What was read is no message of the kind that it is taken for. */
export class MalformedMessageError extends Error {
  constructor(what: string) {
    super(`the message ${what}`)
    this.name = 'MalformedMessageError'
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const CUT_OFF = 'is cut off'

/** Reads the parts of a message, from its beginning. Every method throws {@link MalformedMessageError} past its end. */
export class WireReader {
  readonly #bytes: Buffer
  /** Where it reads. */
  at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** The key of a field: 32 bits without a sign. */
  varint32(): number {
    const value = this.varint64()
    if (value < 0 || value > 0xffff_ffff) throw new MalformedMessageError('has a field number out of range')
    return value
  }

  /** A whole number of up to 64 bits, as two's complement; exact from -2^53 to 2^53. */
  varint64(): number {
    const first = this.#byte()
    if (first < 0x80) return first
    let low = first & 0x7f
    let high = 0
    for (let shift = 7; ; shift += 7) {
      if (shift > 63) throw new MalformedMessageError('has a number of more than ten bytes')
      const byte = this.#byte()
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low = (low | (bits << 28)) >>> 0
        high = bits >>> 4
      } else high |= bits << (shift - 32)
      if (byte < 0x80) break
    }
    return (high | 0) * 2 ** 32 + (low >>> 0)
  }

  /** The length of what follows, which must be there. */
  length(): number {
    const length = this.varint64()
    if (length < 0 || length > this.#bytes.length - this.at) throw new MalformedMessageError(CUT_OFF)
    return length
  }

  /** A text with its length. */
  text(): string {
    const bytes = this.bytes()
    try {
      return UTF8.decode(bytes)
    } catch {
      throw new MalformedMessageError('has a text that is not UTF-8')
    }
  }

  /** Bytes with their length: a view of the message. */
  bytes(): Buffer {
    const length = this.length()
    this.at += length
    return this.#bytes.subarray(this.at - length, this.at)
  }

  /** Eight bytes, little-endian (IEEE 754). */
  double(): number {
    this.#skip(8)
    return this.#bytes.readDoubleLE(this.at - 8)
  }

  /** Passes by a field that nobody knows. Groups, which proto3 does not have, are refused. */
  skip(wireType: number): void {
    if (wireType === 0) this.varint64()
    else if (wireType === 1) this.#skip(8)
    else if (wireType === 2) this.#skip(this.length())
    else if (wireType === 5) this.#skip(4)
    else throw new MalformedMessageError(`has a field of wire type ${wireType}`)
  }

  #skip(bytes: number): void {
    if (bytes > this.#bytes.length - this.at) throw new MalformedMessageError(CUT_OFF)
    this.at += bytes
  }

  #byte(): number {
    if (this.at >= this.#bytes.length) throw new MalformedMessageError(CUT_OFF)
    return this.#bytes[this.at++] as number
  }
}
