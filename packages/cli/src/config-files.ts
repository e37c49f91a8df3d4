import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Input, type Terminal, UsageError } from './command.js'

/** What is looked for where no file is named, in this order. */
export const USUAL_NAMES: readonly string[] = [
  'gateway.yaml',
  'gateway.yml',
  'gateway.json',
  'gateway.ts',
  'gateway.mjs',
  'gateway.js'
]

/** The files that a command is about: its arguments, else `PROXY_CONFIG_FILE`, else the first that has a usual name. */
export function configFiles({ arguments: given, terminal }: Input): readonly string[] {
  return given.length > 0 ? given : [usualFile(terminal)]
}

/** The file that is meant where none is named. Throws a {@link UsageError} when there is none. */
export function usualFile({ cwd, env }: Terminal): string {
  const named = env.PROXY_CONFIG_FILE ?? ''
  if (named !== '') return named
  const found = USUAL_NAMES.find((name) => existsSync(resolve(cwd, name)))
  if (found !== undefined) return found
  throw new UsageError(`no configuration: name a file, or make ${USUAL_NAMES[0]} with \`gatewright init\``)
}
