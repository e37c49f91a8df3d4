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
  for (const place of given) checkPlace(place)
  return given.length > 0 ? given : [usualFile(terminal)]
}

/** Throws a {@link UsageError} for what is neither a path nor a URL of HTTP. */
export function checkPlace(place: string): void {
  if (place.trim() === '') throw new UsageError('the name of a file is empty')
  const [, scheme] = /^([a-z][a-z\d+.-]*):\/\//i.exec(place) ?? []
  if (scheme !== undefined && !/^https?$/i.test(scheme))
    throw new UsageError(
      `'${place}': a configuration is a path, or a URL that begins with http:// or https://`
    )
}

/** The file that is meant where none is named. Throws a {@link UsageError} when there is none. */
export function usualFile({ cwd, env }: Terminal): string {
  const named = env.PROXY_CONFIG_FILE ?? ''
  if (named !== '') return named
  const found = USUAL_NAMES.find((name) => existsSync(resolve(cwd, name)))
  if (found !== undefined) return found
  throw new UsageError(`no configuration: name a file, or make ${USUAL_NAMES[0]} with \`gatewright init\``)
}
