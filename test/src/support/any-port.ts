/**
 * Preloaded into the process of a snippet: it listens on free ports instead of the fixed ones that documentation
 * names, connects where those ports have gone, and tells its parent. So snippets show real numbers and never collide.
 */
import { type AddressInfo, type ListenOptions, Server, Socket } from 'node:net'

/** What the parent is told for every server that listens. */
export interface Listening {
  /** The port the snippet names. */
  readonly asked: number
  /** The port it got. */
  readonly port: number
}

const moved = new Map<number, number>(JSON.parse(process.env.GATEWRIGHT_MOVED_PORTS ?? '[]'))

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown

const listen = Server.prototype.listen as AnyFunction
Server.prototype.listen = function listenAnywhere(this: Server, ...args: unknown[]) {
  const [first, ...rest] = args
  const options = typeof first === 'number' ? { port: first } : (first as ListenOptions | undefined)
  if (options?.port === undefined) return listen.apply(this, args)
  const { port: asked } = options
  this.once('listening', () => {
    const { port } = this.address() as AddressInfo
    moved.set(asked, port)
    process.send?.({ asked, port } satisfies Listening)
  })
  return listen.call(this, typeof first === 'number' ? 0 : { ...options, port: 0 }, ...rest)
} as typeof Server.prototype.listen

const connect = Socket.prototype.connect as AnyFunction
Socket.prototype.connect = function connectThere(this: Socket, ...args: unknown[]) {
  // `net.connect` hands its options over as the first entry of an array.
  const options = [args[0]].flat()[0] as { port?: number | string } | undefined
  const port = moved.get(Number(options?.port))
  if (port !== undefined) (options as { port: number }).port = port
  return connect.apply(this, args)
} as typeof Socket.prototype.connect
