import type { Socket } from 'node:net'
import { plainAddress, type Trust } from './trust.js'

/** What a connection tells once for all its requests. */
export interface Peer {
  /** The address at the other end; `''` when it has none (a unix socket). */
  readonly address: string
  readonly trusted: boolean
  /** The local port it has connected to; `''` when there is none. */
  readonly port: string
}

/** Builds the function that remembers the peer of each connection. */
export function createPeers(trust: Trust): (socket: Socket) => Peer {
  const kPeer = Symbol('gatewright.peer')
  return function peerOf(socket) {
    const holder = socket as Socket & { [kPeer]?: Peer }
    const address = plainAddress(socket.remoteAddress)
    const peer = holder[kPeer]
    if (peer !== undefined && peer.address === address) return peer
    const trusted = address !== '' && trust.trusts(address)
    const found: Peer = { address, trusted, port: String(socket.localPort ?? '') }
    holder[kPeer] = found
    return found
  }
}
