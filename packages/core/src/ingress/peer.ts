import type { Socket } from 'node:net'
import type { Trust } from '../model/ingress-settings.js'
import { plainAddress } from './trust.js'

/** Facts about a connection that hold for all its requests. */
export interface Peer {
  /** The address at the other end; `''` when it has none (a unix socket). */
  readonly address: string
  readonly trusted: boolean
  /** The local port it has connected to; `''` when there is none. */
  readonly port: string
}

const kPeer = Symbol('gatewright.peer')

interface Judged extends Peer {
  readonly by: Trust
}

/** The peer of a connection, which is remembered for as long as the same peers are trusted. */
export function peerOf(socket: Socket, trust: Trust): Peer {
  const holder = socket as Socket & { [kPeer]?: Judged }
  const address = plainAddress(socket.remoteAddress)
  const peer = holder[kPeer]
  if (peer !== undefined && peer.by === trust && peer.address === address) return peer
  const trusted = address !== '' && trust.trusts(address)
  const found: Judged = { address, trusted, port: String(socket.localPort ?? ''), by: trust }
  holder[kPeer] = found
  return found
}
