/** The stream ended in the middle of a message. */
export class TruncatedError extends Error {
  constructor() {
    super('the connection ended in the middle of a message')
    this.name = 'TruncatedError'
  }
}

const LF = 10

/** The bytes of a connection, pushed in as they come and read out by one reader at a time. */
export class ByteReader {
  #chunks: Buffer[] = []
  #ended = false
  #offset = 0
  #wake: (() => void) | null = null

  push(chunk: Buffer): void {
    if (chunk.length > 0) this.#chunks.push(chunk)
    this.#wake?.()
  }

  /** No more bytes will come. */
  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** How many bytes have been read out. */
  get offset(): number {
    return this.#offset
  }

  /** Whether there is another byte; waits until that is known. */
  async more(): Promise<boolean> {
    while (this.#chunks.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#chunks.length > 0
  }

  /** The next bytes, at least one and at most `max`. Throws {@link TruncatedError} at the end. */
  async some(max = Number.POSITIVE_INFINITY): Promise<Buffer> {
    if (!(await this.more())) throw new TruncatedError()
    const chunk = this.#chunks.shift() as Buffer
    if (chunk.length > max) this.#chunks.unshift(chunk.subarray(max))
    const taken = chunk.subarray(0, max)
    this.#offset += taken.length
    return taken
  }

  /** A line with its LF, as received. Throws {@link TruncatedError} when the stream ends before the LF. */
  async line(): Promise<string> {
    let line = ''
    for (;;) {
      if (!(await this.more())) throw new TruncatedError()
      const end = (this.#chunks[0] as Buffer).indexOf(LF) + 1
      line += (await this.some(end === 0 ? undefined : end)).toString('latin1')
      if (end > 0) return line
    }
  }

  /** Takes out everything that has come but was not read. */
  rest(): Buffer {
    const rest = Buffer.concat(this.#chunks)
    this.#chunks = []
    return rest
  }
}
