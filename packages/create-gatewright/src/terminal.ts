import type { Readable, Writable } from 'node:stream'

/** Where the command runs: what tests replace. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable
  readonly env: Readonly<Record<string, string | undefined>>
  /** The folder that relative paths begin at. */
  readonly cwd: string
}

/** A problem that is told in one or a few lines, without a stack, and ends the command with this exit code. */
export class Refusal extends Error {
  readonly exitCode: number

  /** `exitCode` 2: the command was called in a wrong way. */
  constructor(message: string, exitCode = 1) {
    super(message)
    this.name = 'Refusal'
    this.exitCode = exitCode
  }
}
