import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Exchange } from '@gatewright/core'
import type { MtlsSchemeConfig } from '../config/config.js'
import {
  ABSENT,
  type Absent,
  type Identified,
  invalid,
  type Outcome,
  type Scheme,
  type SchemeContext,
  type SchemeKind
} from '../scheme.js'
import { certificateOf } from './certificate.js'
import { checkMtls, foundIn } from './rules.js'

/** A scheme of client certificates: who is at the other end of the connection. */
export const mtlsKind: SchemeKind<MtlsSchemeConfig> = {
  type: 'mtls',
  check: (config, at, { consumers = {} }) => checkMtls(config, at, consumers),
  create: (config, context) => new MtlsScheme(config, context)
}

interface Known {
  readonly outcome: Outcome
  readonly untilMs: number
}

class MtlsScheme implements Scheme {
  readonly name: string
  // There is no scheme of HTTP for it, and a 401 must name one (RFC 9110, section 15.5.2).
  readonly challenge: string
  readonly #config: MtlsSchemeConfig
  readonly #context: SchemeContext
  /** A connection has one certificate for all its requests. */
  readonly #known = new WeakMap<Socket, Known>()

  constructor(config: MtlsSchemeConfig, context: SchemeContext) {
    this.name = context.name
    this.challenge = `ClientCertificate realm="${context.realm}"`
    this.#config = config
    this.#context = context
  }

  authenticate({ raw: { socket } }: Exchange, done: (outcome: Outcome) => void): void {
    done(this.#outcomeOf(socket))
  }

  // Nobody can guess a private key.
  recall({ raw: { socket } }: Exchange): Identified | Absent | null {
    const outcome = this.#outcomeOf(socket)
    return outcome.kind === 'identified' || outcome.kind === 'absent' ? outcome : null
  }

  #outcomeOf(socket: Socket): Outcome {
    const now = Date.now()
    const known = this.#known.get(socket)
    if (known !== undefined && now < known.untilMs) return known.outcome
    const found = this.#read(socket as TLSSocket, now)
    this.#known.set(socket, found)
    return found.outcome
  }

  #read(socket: TLSSocket, now: number): Known {
    const forEver = Number.POSITIVE_INFINITY
    const peer = typeof socket.getPeerCertificate === 'function' ? socket.getPeerCertificate() : null
    // Node says so of a connection without a certificate.
    if (!peer || Object.keys(peer).length === 0) return { outcome: ABSENT, untilMs: forEver }
    if (!socket.authorized)
      return {
        outcome: invalid(`the listener does not trust the certificate: ${String(socket.authorizationError)}`),
        untilMs: forEver
      }
    const certificate = certificateOf(peer)
    // It was valid when the connection was made, which may be long ago.
    if (!(now < certificate.untilMs))
      return { outcome: invalid('the certificate has expired'), untilMs: forEver }
    const found = foundIn(certificate, this.#config)
    const outcome: Outcome =
      typeof found === 'string'
        ? invalid(found)
        : { kind: 'identified', identity: this.#context.identify(found), removes: [], sets: null }
    return { outcome, untilMs: certificate.untilMs }
  }
}
