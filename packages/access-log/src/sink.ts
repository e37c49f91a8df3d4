import type { Timers } from '@gatewright/core'

/** Where lines go in the end. Nothing here waits or throws. */
export interface Sink {
  /** Whether it is the process's standard output, where the app's own log may go too. */
  readonly isStdout: boolean
  /** Takes a line, or returns false when it cannot: too much is waiting, or it is gone. */
  write(line: string): boolean
  /** From now on so many bytes may wait. */
  resize(maxBuffer: number): void
  /** Resolves when all lines are out, and after a second at the latest. */
  close(): Promise<void>
}

/** What a sink needs of its surroundings. */
export interface SinkOptions {
  /** How much may wait, in bytes. */
  readonly maxBuffer: number
  readonly timers: Timers
  /** Receives errors. */
  readonly failed: (error: unknown) => void
}

/** How long closing may take, in milliseconds. */
export const CLOSE_MS = 1_000
