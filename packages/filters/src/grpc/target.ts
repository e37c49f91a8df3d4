import type { Cancel, Chance, Clock, Timers } from '@gatewright/core'
import { backoffMs } from './backoff.js'
import { Call, type CallDone, type CallOptions } from './call.js'
import { authorityOf, type Dial, dialer, type TargetAddress } from './dial.js'
import { Session, type SessionLimits, type SessionOwner } from './session.js'
import { GrpcError, STATUS } from './status.js'

/** What a target is made with. */
export interface TargetOptions extends TargetAddress {
  readonly keepAliveMs: number
}

/** What waits and chooses. */
export interface TargetContext {
  readonly clock: Clock
  readonly timers: Timers
  readonly chance: Chance
}

const MOST_WAITING = 1_000
const CONNECT_MS = 5_000
const PING_MS = 1_000

/**
 * A server of gRPC that is called: one HTTP/2 session for all calls, made anew when it is lost or the server says goodbye.
 * While the server allows no more streams, calls wait in a line of at most 1,000. Between two connections that fail it waits,
 * from 100 ms to 5 s, and calls fail at once.
 */
export class GrpcTarget implements SessionOwner {
  readonly #context: TargetContext
  readonly #dial: Dial
  readonly #scheme: string
  readonly #authority: string
  readonly #limits: SessionLimits
  readonly #sessions = new Set<Session>()
  #current: Session | null = null
  #waiting: Call[] = []
  #failures = 0
  #because = ''
  #cancelRetry: Cancel | null = null
  #closed = false

  constructor({ url, tls, keepAliveMs }: TargetOptions, context: TargetContext) {
    this.#context = context
    this.#dial = dialer({ url, tls })
    this.#scheme = url.protocol === 'https:' ? 'https' : 'http'
    this.#authority = authorityOf(url)
    this.#limits = { connectMs: CONNECT_MS, pingMs: PING_MS, keepAliveMs }
  }

  /** Connections, of which at most one takes new calls. */
  get sessions(): number {
    return this.#sessions.size
  }

  /** Calls that wait for a place. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Makes the connection, so that the first call need not wait for it. */
  warmUp(): void {
    if (!this.#closed && this.#current === null && this.#cancelRetry === null) this.#connect()
  }

  /** Calls a method. `done` is called once, maybe at once, unless the call is cancelled. */
  call(options: CallOptions, done: CallDone): Call {
    const { clock, timers } = this.#context
    const call = new Call(options, clock, timers, done)
    this.#place(call)
    return call
  }

  /** Ends when the calls under way have ended. Calls from now on fail. */
  close(): void {
    this.#closed = true
    this.#cancelRetry?.()
    this.#cancelRetry = null
    this.#current = null
    for (const session of this.#sessions) session.leave()
    this.#failWaiting('the gateway has given the service up')
  }

  /** Ends at once. */
  destroy(): void {
    this.close()
    for (const session of this.#sessions) session.destroy()
  }

  room(session: Session): void {
    while (session.hasRoom) {
      const call = this.#waiting.shift()
      if (call === undefined) return
      if (!call.isOver) this.#run(call, session)
    }
  }

  leaving(session: Session): void {
    if (this.#current === session) this.#current = null
    if (this.#waiting.length > 0) this.warmUp()
  }

  closed(session: Session, because: string): void {
    this.#sessions.delete(session)
    if (session.answered > 0) this.#failures = 0
    else this.#because = because
    if (this.#current === session) this.#current = null
    if (this.#closed || this.#current !== null) return
    if (session.answered > 0) {
      if (this.#waiting.length > 0) this.#connect()
      return
    }
    this.#lost(because)
  }

  #lost(because: string): void {
    this.#failures++
    this.#failWaiting(because)
    this.#cancelRetry ??= this.#context.timers.after(backoffMs(this.#failures, this.#context.chance), () => {
      this.#cancelRetry = null
      if (this.#current === null) this.#connect()
    })
  }

  #place(call: Call): void {
    const session = this.#current
    if (this.#closed) call.fail(new GrpcError(STATUS.unavailable, 'the gateway has given the service up'))
    else if (session?.hasRoom && this.#waiting.length === 0) this.#run(call, session)
    else if (session === null && this.#cancelRetry !== null)
      call.fail(new GrpcError(STATUS.unavailable, `no connection: ${this.#because}`))
    else if (this.#waiting.length >= MOST_WAITING) this.#placeInFullLine(call)
    else {
      this.#waiting.push(call)
      if (session === null) this.#connect()
    }
  }

  // Those that have ended in the meantime are still in the line.
  #placeInFullLine(call: Call): void {
    this.#waiting = this.#waiting.filter(({ isOver }) => !isOver)
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push(call)
    else call.fail(new GrpcError(STATUS.resourceExhausted, `${MOST_WAITING} calls are waiting`))
  }

  #run(call: Call, session: Session): void {
    call.run(session, this.#scheme, this.#authority, (again) => {
      if (this.#current === session && !session.isUsable) this.#current = null
      this.#place(again)
    })
  }

  #connect(): void {
    let session: Session
    try {
      session = new Session(this.#dial, this, this.#context.timers, this.#limits)
    } catch (error) {
      this.#because = String(error)
      this.#lost(this.#because)
      return
    }
    this.#current = session
    this.#sessions.add(session)
  }

  #failWaiting(because: string): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const call of waiting) call.fail(new GrpcError(STATUS.unavailable, `no connection: ${because}`))
  }
}
