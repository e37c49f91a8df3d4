import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2'
import type { Cancel, Timers } from '@gatewright/core'
import type { Dial } from './dial.js'

/** What a session tells its target. */
export interface SessionOwner {
  /** It is connected, and the server's settings are known; or a call has ended, and there is room. */
  room(session: Session): void
  /** It takes no more calls; those under way go on. */
  leaving(session: Session): void
  /** It is over. `because` is for the log. */
  closed(session: Session, because: string): void
}

/** When a session is given up. */
export interface SessionLimits {
  /** For the connection, with TLS, until the server's settings are there. */
  readonly connectMs: number
  /** For the answer to a ping. */
  readonly pingMs: number
  /** How often an idle connection is pinged; 0 for never. */
  readonly keepAliveMs: number
}

/** Calls of one session at most, whatever the server allows. */
const MOST_CALLS = 1_000
/** Servers take more pings than one in such a time for an attack, where they have answered no call between. */
const PING_GAP_MS = 10_000

/** One HTTP/2 connection to a target. */
export class Session {
  readonly #owner: SessionOwner
  readonly #timers: Timers
  readonly #limits: SessionLimits
  readonly #http2: ClientHttp2Session
  #calls = 0
  #most = 0
  #state: 'connecting' | 'ready' | 'leaving' | 'closed' = 'connecting'
  #because = 'the connection was closed'
  #cancelWait: Cancel | null = null
  #cancelKeepAlive: Cancel | null = null
  #pinging = false
  #pingAgain: Cancel | null = null
  #answeredAtPing = 0
  /** Calls that began later than this one, the server has not looked at: it has said so. */
  #lastStream = Number.POSITIVE_INFINITY
  /** Calls that were answered here. */
  answered = 0

  constructor(dial: Dial, owner: SessionOwner, timers: Timers, limits: SessionLimits) {
    this.#owner = owner
    this.#timers = timers
    this.#limits = limits
    this.#http2 = dial()
    // A process must not live for it: whoever waits for a call has a connection of their own.
    this.#http2.unref()
    this.#http2
      .on('remoteSettings', ({ maxConcurrentStreams = MOST_CALLS }) => this.#settings(maxConcurrentStreams))
      .on('goaway', (code: number, lastStream: number) => {
        this.#lastStream = lastStream
        this.#leave(`the server goes away (code ${code})`)
      })
      .on('error', (error: Error) => this.#fail(error.message))
      .on('close', () => this.#close())
    this.#cancelWait = timers.after(limits.connectMs, () => this.#give('no connection in time'))
  }

  /** Whether a call can begin at once. */
  get hasRoom(): boolean {
    return this.#state === 'ready' && this.#calls < this.#most
  }

  /** Whether calls are taken, now or once there is room. */
  get isUsable(): boolean {
    return this.#state === 'connecting' || this.#state === 'ready'
  }

  /** Begins a call. Throws when the connection has just been lost. */
  begin(headers: OutgoingHttpHeaders): ClientHttp2Stream {
    let stream: ClientHttp2Stream
    try {
      stream = this.#http2.request(headers, { endStream: false })
    } catch (error) {
      this.#leave(String(error))
      throw error
    }
    this.#calls++
    stream.once('error', ({ code }: NodeJS.ErrnoException) => {
      // There are 2^30 numbers of streams in a connection.
      if (code === 'ERR_HTTP2_OUT_OF_STREAMS') this.#leave('it has no numbers left for calls')
    })
    stream.once('close', () => {
      this.#calls--
      if (this.#state === 'ready') this.#owner.room(this)
      else if (this.#state === 'leaving' && this.#calls === 0) this.#http2.close()
    })
    return stream
  }

  /** Whether the server may have seen a call: it was sent, and is not one of those that came after its goodbye. */
  mayHaveSeen({ id }: ClientHttp2Stream): boolean {
    return id !== undefined && id <= this.#lastStream
  }

  /** A call has not been answered in time: is the other side still there? */
  ping(): void {
    const isTooSoon = this.#pingAgain !== null && this.answered === this.#answeredAtPing
    if (this.#pinging || isTooSoon || this.#state === 'closed') return
    this.#answeredAtPing = this.answered
    this.#pingAgain?.()
    this.#pingAgain = this.#timers.after(PING_GAP_MS, () => {
      this.#pingAgain = null
    })
    this.#ping()
  }

  /** Takes no more calls, and ends when those under way have ended. */
  leave(): void {
    if (this.#state !== 'leaving' && this.#state !== 'closed') {
      this.#state = 'leaving'
      this.#cancelWait?.()
    }
    if (this.#calls === 0) this.#http2.destroy()
  }

  /** Ends at once. */
  destroy(): void {
    this.#http2.destroy()
  }

  #settings(most: number): void {
    this.#most = Math.min(most, MOST_CALLS)
    if (this.#state === 'connecting') {
      this.#state = 'ready'
      this.#cancelWait?.()
      this.#cancelWait = null
      if (this.#limits.keepAliveMs > 0)
        this.#cancelKeepAlive = this.#timers.every(this.#limits.keepAliveMs, () => this.#ping())
    }
    if (this.#state === 'ready') this.#owner.room(this)
  }

  #ping(): void {
    if (this.#pinging || this.#http2.destroyed) return
    this.#pinging = true
    const cancel = this.#timers.after(this.#limits.pingMs, () => this.#give('no answer to a ping'))
    try {
      this.#http2.ping(() => {
        this.#pinging = false
        cancel()
      })
    } catch {
      // The connection is closing, and says so itself.
      this.#pinging = false
      cancel()
    }
  }

  #leave(because: string): void {
    if (!this.isUsable) return
    this.#state = 'leaving'
    this.#because = because
    this.#cancelWait?.()
    this.#owner.leaving(this)
    if (this.#calls === 0) this.#http2.close()
  }

  #fail(because: string): void {
    this.#because = because
  }

  #give(because: string): void {
    this.#because = because
    this.#http2.destroy()
  }

  #close(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#cancelWait?.()
    this.#cancelKeepAlive?.()
    this.#pingAgain?.()
    this.#owner.closed(this, this.#because)
  }
}
