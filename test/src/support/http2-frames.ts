/** Types of frames (RFC 9113, section 6). */
export const FRAME = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9
} as const

const END_STREAM = 1
const END_HEADERS = 4
const ACK = 1
const PREFACE = 24

/** A frame as it was received. */
export interface Frame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

/** A frame in bytes. */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A frame of header fields, none of them compressed (RFC 7541, section 6.2.2). */
export function headersFrame(stream: number, fields: Readonly<Record<string, string>>, end: boolean): Buffer {
  const parts = Object.entries(fields).flatMap(([name, value]) => [
    Buffer.of(0),
    literal(name),
    literal(value)
  ])
  return frame(FRAME.headers, END_HEADERS | (end ? END_STREAM : 0), stream, Buffer.concat(parts))
}

// Lengths from 127 on go on in further bytes (RFC 7541, section 5.1).
function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1')
  if (bytes.length < 127) return Buffer.concat([Buffer.of(bytes.length), bytes])
  const length = [127]
  let rest = bytes.length - 127
  for (; rest > 127; rest >>= 7) length.push((rest & 127) | 128)
  length.push(rest)
  return Buffer.concat([Buffer.from(length), bytes])
}

/** A frame of a body. */
export function dataFrame(stream: number, payload: Uint8Array, end = false): Buffer {
  return frame(FRAME.data, end ? END_STREAM : 0, stream, payload)
}

/** A frame that ends a stream. */
export function rstFrame(stream: number, code: number): Buffer {
  return frame(FRAME.rstStream, 0, stream, u32(code))
}

/** A frame that says goodbye. */
export function goawayFrame(lastStream: number, code: number): Buffer {
  return frame(FRAME.goaway, 0, 0, Buffer.concat([u32(lastStream), u32(code)]))
}

/** A frame of settings, by their numbers. */
export function settingsFrame(settings: Readonly<Record<number, number>>): Buffer {
  const parts = Object.entries(settings).map(([id, value]) => {
    const one = Buffer.alloc(6)
    one.writeUInt16BE(Number(id), 0)
    one.writeUInt32BE(value, 2)
    return one
  })
  return frame(FRAME.settings, 0, 0, Buffer.concat(parts))
}

/** What answers to a frame of settings or a ping. */
export function ackOf({ type, payload }: Frame): Buffer {
  return frame(type, ACK, 0, type === FRAME.ping ? payload : Buffer.alloc(0))
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Whether a frame ends its side of the stream. */
export function endsStream({ type, flags }: Frame): boolean {
  return (type === FRAME.data || type === FRAME.headers) && (flags & END_STREAM) !== 0
}

/** Whether a frame is to be answered by {@link ackOf}. */
export function wantsAck({ type, flags }: Frame): boolean {
  return (type === FRAME.settings || type === FRAME.ping) && (flags & ACK) === 0
}

/** Puts the frames of a client together, behind its preface. */
export class FrameReader {
  #rest = Buffer.alloc(0)
  #begun = false

  push(chunk: Buffer): Frame[] {
    this.#rest = Buffer.concat([this.#rest, chunk])
    if (!this.#begun && this.#rest.length >= PREFACE) {
      this.#begun = true
      this.#rest = this.#rest.subarray(PREFACE)
    }
    const frames: Frame[] = []
    while (this.#begun && this.#rest.length >= 9) {
      const end = 9 + this.#rest.readUIntBE(0, 3)
      if (this.#rest.length < end) break
      frames.push({
        type: this.#rest[3] as number,
        flags: this.#rest[4] as number,
        stream: this.#rest.readUInt32BE(5) & 0x7fff_ffff,
        payload: this.#rest.subarray(9, end)
      })
      this.#rest = this.#rest.subarray(end)
    }
    return frames
  }
}
