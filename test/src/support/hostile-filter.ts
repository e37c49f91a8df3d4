/**
 * A filter service in a process of its own that does what its parent says, frame by frame: `fork` it with the port in `PORT`,
 * and send it the name of a {@link HostileFilterMode}. It tells its parent when it listens, and of each call that has come.
 */
import { createServer, type Socket } from 'node:net'
import {
  ackOf,
  dataFrame,
  endsStream,
  FRAME,
  FrameReader,
  frame,
  goawayFrame,
  headersFrame,
  rstFrame,
  settingsFrame,
  u32,
  wantsAck
} from './http2-frames.js'

/** What the process tells its parent. */
export type HostileFilterTold =
  | { readonly port: number }
  | { readonly call: number }
  | { readonly mode: string }

const GRPC = { ':status': '200', 'content-type': 'application/grpc' }
const OK = { 'grpc-status': '0' }
const ALLOWS = Buffer.from([0, 0, 0, 0, 0])
/** `status { code: 7 }` */
const DENIES = Buffer.from([0, 0, 0, 0, 4, 0x0a, 2, 8, 7])
const message = (length: number): Buffer => Buffer.concat([Buffer.of(0), u32(length), Buffer.alloc(length)])
const answer = (stream: number, body: Buffer): Buffer =>
  Buffer.concat([headersFrame(stream, GRPC, false), dataFrame(stream, body), headersFrame(stream, OK, true)])

type Act = (socket: Socket, stream: number) => void
const says =
  (bytes: (stream: number) => Buffer): Act =>
  (socket, stream) =>
    void socket.write(bytes(stream))
const inOne = (...parts: (Buffer | ((stream: number) => Buffer))[]): Act =>
  says((stream) => Buffer.concat(parts.map((part) => (typeof part === 'function' ? part(stream) : part))))
const head = (fields: Record<string, string>, end: boolean) => (stream: number) =>
  headersFrame(stream, fields, end)
const data =
  (bytes: Buffer, end = false) =>
  (stream: number) =>
    dataFrame(stream, bytes, end)
const MAX_STREAMS = 3
const setting = (id: number, value: number): Buffer => settingsFrame({ [id]: value })

/** What is done with a call, by name. */
const ON_CALL = {
  allow: says((stream) => answer(stream, ALLOWS)),
  deny: says((stream) => answer(stream, DENIES)),
  silence: () => {},
  die: () => process.kill(process.pid, 'SIGKILL'),
  hangUp: (socket) => socket.destroy(),
  reset: (socket) => socket.resetAndDestroy(),
  halfClose: (socket) => socket.end(),
  garbage: (socket) => socket.write(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\nsorry '.repeat(100))),
  unknownFrames: inOne(frame(0xbe, 0xff, 0, Buffer.alloc(50)), (stream) => answer(stream, ALLOWS)),
  headersOnly: inOne(head(GRPC, false)),
  noStatus: inOne(head(GRPC, false), data(ALLOWS, true)),
  noStatusAtAll: inOne(head(GRPC, true)),
  trailersOnlyOk: inOne(head({ ...GRPC, ...OK }, true)),
  trailersOnlyError: inOne(head({ ...GRPC, 'grpc-status': '13', 'grpc-message': 'a%20b%ZZ' }, true)),
  statusNoNumber: inOne(head(GRPC, false), data(ALLOWS), head({ 'grpc-status': 'fine' }, true)),
  statusTwice: inOne(head({ ...GRPC, 'grpc-status': '7' }, false), data(ALLOWS), head(OK, true)),
  emptyMessageBehind: inOne(head(GRPC, false), head(OK, true)),
  cutOff: inOne(head(GRPC, false), data(Buffer.from([0, 0, 0, 0, 9, 1])), head(OK, true)),
  twoMessages: inOne(head(GRPC, false), data(Buffer.concat([ALLOWS, ALLOWS])), head(OK, true)),
  compressed: inOne(
    head({ ...GRPC, 'grpc-encoding': 'gzip' }, false),
    data(Buffer.from([1, 0, 0, 0, 1, 9])),
    head(OK, true)
  ),
  noMessageFormat: inOne(head(GRPC, false), data(Buffer.from([0, 0, 0, 0, 2, 0xff, 0xff])), head(OK, true)),
  tooLong: inOne(head(GRPC, false), data(message(8_000)), data(message(8_000)), head(OK, true)),
  saysTooLong: inOne(head(GRPC, false), data(Buffer.from([0, 0xff, 0xff, 0xff, 0xff])), head(OK, true)),
  html: inOne(head({ ':status': '200', 'content-type': 'text/html' }, false), data(Buffer.from('<p>'), true)),
  http502: inOne(
    head({ ':status': '502', 'content-type': 'text/html' }, false),
    data(Buffer.from('<p>'), true)
  ),
  http200NoType: inOne(head({ ':status': '200' }, false), data(ALLOWS), head(OK, true)),
  noHttpStatus: inOne(head({ 'content-type': 'application/grpc' }, true)),
  upperCaseFields: inOne(head({ ...GRPC, 'X-Upper': '1' }, true)),
  manyFields: says((stream) =>
    headersFrame(
      stream,
      { ...GRPC, ...OK, ...Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`x-${n}`, 'v'])) },
      true
    )
  ),
  longFields: says((stream) => headersFrame(stream, { ...GRPC, ...OK, 'x-long': 'v'.repeat(16_000) }, true)),
  badCompression: says((stream) =>
    frame(FRAME.headers, 4, stream, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff]))
  ),
  dataBeforeHead: inOne(data(ALLOWS), head({ ...GRPC, ...OK }, true)),
  otherStream: says((stream) => answer(stream + 100, ALLOWS)),
  push: says((stream) => frame(FRAME.pushPromise, 4, stream, u32(2))),
  continuation: says(() => frame(FRAME.continuation, 0, 1, Buffer.alloc(10))),
  windowOverflow: says((stream) =>
    Buffer.concat([
      frame(FRAME.windowUpdate, 0, stream, u32(0x7fff_ffff)),
      frame(FRAME.windowUpdate, 0, 0, u32(0x7fff_ffff))
    ])
  ),
  frameTooLong: says((stream) => frame(FRAME.data, 0, stream, Buffer.alloc(100_000))),
  settingsFlood: (socket) =>
    socket.write(Buffer.concat(Array.from({ length: 50_000 }, () => settingsFrame({})))),
  pingFlood: (socket) =>
    socket.write(
      Buffer.concat(Array.from({ length: 50_000 }, () => frame(FRAME.ping, 0, 0, Buffer.alloc(8))))
    ),
  emptyData: says((stream) =>
    Buffer.concat(Array.from({ length: 20_000 }, () => dataFrame(stream, Buffer.alloc(0))))
  ),
  drip: (socket, stream) => {
    const bytes = answer(stream, message(1_000))
    let at = 0
    const timer = setInterval(() => {
      socket.write(bytes.subarray(at, ++at))
      if (at === bytes.length || socket.destroyed) clearInterval(timer)
    }, 20)
  },
  goawayUnseen: (socket, stream) => socket.end(goawayFrame(Math.max(0, stream - 2), 0)),
  goawayUnseenError: (socket, stream) => socket.end(goawayFrame(Math.max(0, stream - 2), 11)),
  goawaySeen: (socket, stream) => socket.end(Buffer.concat([goawayFrame(stream, 0), answer(stream, ALLOWS)])),
  goawayNotYet: inOne(goawayFrame(0x7fff_ffff, 0), (stream) => answer(stream, ALLOWS)),
  goawaySilent: says((stream) => goawayFrame(stream, 0)),
  goawayError: says((stream) => goawayFrame(stream, 2)),
  refused: says((stream) => rstFrame(stream, 7)),
  oneAtATime: (socket, stream) => {
    socket.write(setting(MAX_STREAMS, 1))
    socket.write(answer(stream, ALLOWS))
  }
} satisfies Record<string, Act>

/** Before the call: what is said to a connection. */
const ON_CONNECTION = {
  garbageAtOnce: (socket: Socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
  closeAtOnce: (socket: Socket) => void socket.destroy(),
  silentConnection: () => {},
  none: (socket: Socket) => void socket.write(setting(MAX_STREAMS, 0))
}

/** What it may be told to do; `rst:<code>` ends each call with a code, `once:` holds for one call. */
export type HostileFilterMode =
  | keyof typeof ON_CALL
  | keyof typeof ON_CONNECTION
  | `rst:${number}`
  | `once:${keyof typeof ON_CALL}`
  | 'unread'

const { PORT } = process.env
let mode = 'allow'
let calls = 0
const sockets = new Set<Socket>()
const tell = (told: HostileFilterTold): unknown => process.send?.(told)

function connected(socket: Socket): void {
  const reader = new FrameReader()
  sockets.add(socket)
  socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  const first = ON_CONNECTION[mode as keyof typeof ON_CONNECTION]
  if (first !== undefined) first(socket)
  else socket.write(settingsFrame({ [MAX_STREAMS]: 100 }))
  socket.on('data', (chunk) => {
    for (const one of reader.push(chunk)) {
      if (mode === 'silentConnection') return
      if (wantsAck(one)) socket.write(ackOf(one))
      if (mode === 'unread' && one.type === FRAME.headers) called(socket, one.stream)
      if (mode !== 'unread' && one.type === FRAME.data && one.payload.length > 0) {
        const read = u32(one.payload.length)
        socket.write(
          Buffer.concat([
            frame(FRAME.windowUpdate, 0, 0, read),
            frame(FRAME.windowUpdate, 0, one.stream, read)
          ])
        )
      }
      if (mode !== 'unread' && endsStream(one)) called(socket, one.stream)
    }
  })
}

function called(socket: Socket, stream: number): void {
  tell({ call: ++calls })
  if (mode.startsWith('once:')) {
    const act = ON_CALL[mode.slice(5) as keyof typeof ON_CALL] as Act
    mode = 'allow'
    act(socket, stream)
    return
  }
  if (mode.startsWith('rst:')) socket.write(rstFrame(stream, Number(mode.slice(4))))
  else if (mode === 'unread') ON_CALL.allow(socket, stream)
  else (ON_CALL[mode as keyof typeof ON_CALL] as Act | undefined)?.(socket, stream)
}

if (process.send !== undefined) {
  const server = createServer({ noDelay: true }, connected)
  server.listen(Number(PORT ?? 0), '127.0.0.1', () =>
    tell({ port: (server.address() as { port: number }).port })
  )
  process.on('message', (next: string) => {
    mode = next
    // Connections that were allowed no calls are allowed some.
    if (mode === 'allow') for (const socket of sockets) socket.write(setting(MAX_STREAMS, 100))
    tell({ mode })
  })
}
