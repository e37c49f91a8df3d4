import type { GatewayServerConfig } from '@gatewright/gateway'

/**
 * What became of a statement that was not simply translated:
 * - `closed`: it lets some requests in and others not, and could not be translated; its routes refuse every request until
 *   you have said who may;
 * - `left-out`: it could not be translated, and is not in the configuration;
 * - `differs`: it was translated, and does not do quite the same;
 * - `not-needed`: the gateway does so anyway, or it means nothing here.
 */
export type NoteKind = 'closed' | 'left-out' | 'differs' | 'not-needed'

/** The kinds of notes, the gravest first. */
export const NOTE_KINDS: readonly NoteKind[] = ['closed', 'left-out', 'differs', 'not-needed']

/** Where a statement stands. */
export interface Place {
  readonly file: string
  /** From 1. */
  readonly line: number
}

/** What is told of one statement. */
export interface MigrationNote extends Place {
  readonly kind: NoteKind
  /** The statement, such as `proxy_cache` or `pipelines.main.policies[2]`. */
  readonly what: string
  readonly message: string
}

/** What a translation gives. */
export interface Migration {
  /** A configuration that a gateway starts with. */
  readonly config: GatewayServerConfig
  /** By file and line. */
  readonly notes: readonly MigrationNote[]
  /** Where each of `config.routes` comes from. */
  readonly routePlaces: readonly Place[]
}

/** The text of a file that another one names, or `undefined` where it cannot be read. */
export type ReadFile = (path: string) => string | undefined

/** What is translated. */
export interface MigrationSource {
  /** Its name, for notes. Files that it names are relative to it. */
  readonly file: string
  readonly text: string
  /** Reads the files that it names: includes, `package.json`, schemas. */
  readonly read: ReadFile
  /** The paths that a pattern such as `conf.d/*.conf` stands for, sorted. Default: none. */
  readonly expand?: (pattern: string) => readonly string[]
}

/** What is to be translated cannot be read. */
export class MigrationError extends Error {
  constructor({ file, line }: Place, message: string) {
    super(`${file}:${line}  ${message}`)
    this.name = 'MigrationError'
  }
}
