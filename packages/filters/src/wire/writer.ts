const FIRST_BYTES = 1_024

/** Writes the parts of a message from its end to its beginning, in a buffer that grows. */
export class WireWriter {
  #buffer = Buffer.allocUnsafe(FIRST_BYTES)
  #at = FIRST_BYTES

  /** Bytes written so far. */
  get length(): number {
    return this.#buffer.length - this.#at
  }

  /** What has been written. The writer is not used again. */
  take(): Buffer {
    return this.#buffer.subarray(this.#at)
  }

  /** The key of a field: its number and its wire type. Written after its value. */
  tag(no: number, wireType: 0 | 1 | 2): void {
    this.varint(no * 8 + wireType)
  }

  /** A whole number from -2^53 to 2^53; one below zero as ten bytes of two's complement. */
  varint(value: number): void {
    this.#reserve(10)
    if (value >= 0 && value < 0x80) {
      this.#buffer[--this.#at] = value
      return
    }
    const bytes: number[] = []
    if (value < 0) {
      let rest = BigInt.asUintN(64, BigInt(value))
      for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
      bytes.push(Number(rest))
    } else {
      let rest = value
      for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
      bytes.push(rest)
    }
    for (let i = bytes.length - 1; i >= 0; i--) this.#buffer[--this.#at] = bytes[i] as number
  }

  /** A text with its length, as UTF-8. */
  text(value: string): void {
    const bytes = Buffer.byteLength(value)
    this.#reserve(bytes)
    this.#at -= bytes
    this.#buffer.write(value, this.#at, 'utf8')
    this.varint(bytes)
  }

  /** Bytes with their length. */
  bytes(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#at -= value.length
    this.#buffer.set(value, this.#at)
    this.varint(value.length)
  }

  /** Eight bytes, little-endian (IEEE 754). */
  double(value: number): void {
    this.#reserve(8)
    this.#at -= 8
    this.#buffer.writeDoubleLE(value, this.#at)
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#at) return
    const { length } = this
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, length + bytes + FIRST_BYTES))
    this.#buffer.copy(larger, larger.length - length, this.#at)
    this.#at = larger.length - length
    this.#buffer = larger
  }
}
