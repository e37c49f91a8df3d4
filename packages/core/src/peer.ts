import type { Socket } from 'node:net'
import { hostKey, isHost } from './host.js'
import { plainAddress, type Trust } from './trust.js'

/** What a connection tells once for all its requests. */
export class Peer {
  /** The address at the other end; `''` when it has none (a unix socket). */
  readonly address: string
  readonly trusted: boolean
  /** The local port it has connected to; `''` when there is none. */
  readonly port: string
  #authority = ''
  #host = ''

  constructor(address: string, trusted: boolean, port: string) {
    this.address = address
    this.trusted = trusted
    this.port = port
  }

  /** The host of an authority, for matching; `null` when it is malformed. A client mostly names the same each time. */
  hostOf(authority: string): string | null {
    if (authority !== this.#authority) {
      if (!isHost(authority)) return null
      this.#authority = authority
      this.#host = hostKey(authority)
    }
    return this.#host
  }
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
    const found = new Peer(address, trusted, String(socket.localPort ?? ''))
    holder[kPeer] = found
    return found
  }
}
