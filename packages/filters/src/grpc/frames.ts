import { GrpcError, STATUS } from './status.js'

const PREFIX = 5

/** A message as the body of a call: not compressed, its length, its bytes (gRPC over HTTP/2, "Length-Prefixed-Message"). */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX + message.length)
  frame[0] = 0
  frame.writeUInt32BE(message.length, 1)
  frame.set(message, PREFIX)
  return frame
}

/** Puts the one message of an answer together. */
export class MessageReader {
  readonly #maxBytes: number
  readonly #chunks: Buffer[] = []
  #bytes = 0
  #length = -1

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Takes what has come. Throws a {@link GrpcError} for what is compressed, too long, or more than one message. */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#length === -1 && this.#bytes >= PREFIX) this.#readPrefix()
    if (this.#length !== -1 && this.#bytes > PREFIX + this.#length)
      throw new GrpcError(STATUS.internal, 'the answer has more than one message')
  }

  /** The message; `null` when nothing came. Throws a {@link GrpcError} for one that is cut off. */
  end(): Buffer | null {
    if (this.#bytes === 0) return null
    if (this.#length === -1 || this.#bytes < PREFIX + this.#length)
      throw new GrpcError(STATUS.internal, 'the message of the answer is cut off')
    return this.#whole().subarray(PREFIX)
  }

  #readPrefix(): void {
    const head = this.#whole()
    if (head[0] !== 0) throw new GrpcError(STATUS.unimplemented, 'the message of the answer is compressed')
    this.#length = head.readUInt32BE(1)
    if (this.#length > this.#maxBytes)
      throw new GrpcError(
        STATUS.resourceExhausted,
        `the message of the answer has ${this.#length} bytes, and ${this.#maxBytes} are allowed`
      )
  }

  #whole(): Buffer {
    const [first] = this.#chunks
    if (this.#chunks.length === 1) return first as Buffer
    const whole = Buffer.concat(this.#chunks, this.#bytes)
    this.#chunks.splice(0, this.#chunks.length, whole)
    return whole
  }
}
