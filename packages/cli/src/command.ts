import type { Writable } from 'node:stream'

/** What a command reads and writes: those of the process, or of a test. */
export interface Terminal {
  readonly stdout: Writable
  readonly stderr: Writable
  /** Where lines of logs go: to the standard output, whatever becomes of it. */
  readonly log: { write(line: string): unknown }
  readonly stdin: NodeJS.ReadStream | null
  readonly env: NodeJS.ProcessEnv
  /** What relative paths belong to. */
  readonly cwd: string
  /** Whether people look at the standard output: colours, keys. */
  readonly interactive: boolean
  /** The output could not be written: the process is to say so by its exit code. */
  failed(): void
  /** Calls `listener` for a signal until the function that it returns is called. */
  onSignal(signal: NodeJS.Signals, listener: () => void): () => void
}

/** A flag. */
export interface CommandOption {
  readonly name: string
  readonly short?: string
  /** What stands for its value in the help, such as `PORT`. Without it, it has none. */
  readonly value?: string
  /** Whether it may be given several times. */
  readonly many?: boolean
  readonly about: string
}

/** What the arguments of a command were. */
export interface Input {
  readonly arguments: readonly string[]
  /** The value of a flag; the last one, where it was given several times. */
  text(name: string): string | undefined
  texts(name: string): readonly string[]
  flag(name: string): boolean
  /** A whole number between two bounds. Throws a {@link UsageError}. */
  integer(name: string, least: number, most: number): number | undefined
  readonly terminal: Terminal
}

/** A command: the help, the completion, and the page of the documentation are made of it. */
export interface Command {
  readonly name: string
  /** One line, for the list of commands. */
  readonly summary: string
  /** Its arguments as they are shown: `[FILE...]`. */
  readonly usage: string
  /** How many arguments it takes, at least and at most. */
  readonly takes: readonly [least: number, most: number]
  readonly options: readonly CommandOption[]
  /** Paragraphs. */
  readonly about: readonly string[]
  readonly examples: readonly string[]
  /** The exit codes that mean something of its own, besides 0 and 2. */
  readonly exits?: Readonly<Record<number, string>>
  /** Gives the exit code. What it throws is shown, and 2. */
  run(input: Input): Promise<number>
}

/** The command line is wrong. */
export class UsageError extends Error {}
