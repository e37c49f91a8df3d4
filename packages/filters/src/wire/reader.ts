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
  /** The halves of the number that was read last. */
  #low = 0
  #high = 0
  /** Where it reads. */
  at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** The key of a field: its number and its wire type, 32 bits without a sign. */
  tag(): number {
    this.#varint()
    if (this.#high !== 0 || this.#low >>> 3 === 0)
      throw new MalformedMessageError('has a field number out of range')
    return this.#low >>> 0
  }

  /** A whole number with a sign: of more than 32 bits, the lower ones. */
  int32(): number {
    this.#varint()
    return this.#low
  }

  /** A whole number without a sign: of more than 32 bits, the lower ones. */
  uint32(): number {
    this.#varint()
    return this.#low >>> 0
  }

  /** A whole number of up to 64 bits, as two's complement; exact from -2^53 to 2^53. */
  int64(): number {
    this.#varint()
    return this.#high * 2 ** 32 + (this.#low >>> 0)
  }

  /** Anything but zero is true. */
  bool(): boolean {
    this.#varint()
    return this.#low !== 0 || this.#high !== 0
  }

  /** The length of what follows, which must be there. */
  length(): number {
    const length = this.int64()
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
    if (wireType === 0) this.#varint()
    else if (wireType === 1) this.#skip(8)
    else if (wireType === 2) this.#skip(this.length())
    else if (wireType === 5) this.#skip(4)
    else throw new MalformedMessageError(`has a field of wire type ${wireType}`)
  }

  // Seven bits a byte, the lowest first; at most ten bytes, of which the last one has one bit of 64.
  #varint(): void {
    let low = 0
    let high = 0
    for (let shift = 0; ; shift += 7) {
      if (shift > 63) throw new MalformedMessageError('has a number of more than ten bytes')
      const byte = this.#byte()
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high = bits >>> 4
      } else high |= bits << (shift - 32)
      if (byte < 0x80) break
    }
    this.#low = low
    this.#high = high
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
